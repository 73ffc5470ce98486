"""What people write: the new text of each mail, by language. A text is what a reader must find again, letter for letter."""

ENGLISH = [
    "Hello,\n\nI have not received the refund yet. The airtime never arrived on my phone.\n\nPlease check again.",
    "Yes, that is correct. Amount was 10,000 naira.",
    "Please see attached receipt.\n\nThanks,\nAdaeze",
    "No.",
    "The meter token you sent does not load. It says \"invalid token\" when I type it in.\n\nI paid on Monday and again on Tuesday because\nthe first payment showed as failed.",
    "Good afternoon,\n\nWe confirm that terminal 20331 shows no successful transaction\nfor this reference. The merchant's settlement was debited.\n\nRegards,\nBolaji Ade\nCard Operations",
    "1. I was charged twice\n2. Only one order was made\n3. The shop says to ask you\n\nHow long does it take?",
    "Can you tell me what happens next? I called on 3 November and was told\nto wait for 5 working days.",
    "Thank you, the money is back in my account. You can close this.",
    "I wrote to the shop. On Monday they wrote back that they cannot help.\n\nFrom my side nothing has changed.",
]

MALAY = [
    "Selamat pagi,\n\nSaya masih belum menerima bayaran balik. Tambah nilai itu tidak masuk\nke nombor saya.\n\nMohon semak semula.",
    "Ya, betul. Jumlahnya RM30.00.",
    "Saya sertakan resit di sini.\n\nTerima kasih,\nNurul",
    "Bil elektrik saya sudah dibayar dua kali. Tolong pulangkan satu bayaran.",
    "Tidak. Saya tidak pernah membuat transaksi ini.",
    "Tuan,\n\nKami sahkan akaun pelanggan telah didebit pada 3 November.\nSila maklumkan tindakan seterusnya.\n\nSekian,\nUnit Pertikaian",
    "Boleh saya tahu berapa lama lagi perlu tunggu?",
    "Terima kasih, duit sudah masuk. Kes ini boleh ditutup.",
]

CHINESE = [
    "您好，\n\n我还没有收到退款。话费一直没有到账。\n\n请再查一下。",
    "是的，金额是30令吉。",
    "附件是付款收据。\n\n谢谢，\n陈美玲",
    "不是我本人操作的。",
    "电费付了两次，请退还其中一笔。\n第一次显示失败，所以我又付了一次。",
    "请问还需要等多久？",
    "谢谢，钱已经收到了，可以结案。",
]

YORUBA = [
    "Ẹ káàárọ̀,\n\nMi ò tíì rí owó náà gbà padà sínú àkáǹtì mi.\n\nẸ jọ̀wọ́, ẹ ràn mí lọ́wọ́.",
    "Bẹ́ẹ̀ ni. Iye owó náà jẹ́ ₦10,000.",
    "Mo ti fi ìwé ẹ̀rí ránṣẹ́.\n\nẸ ṣé,\nFọláṣadé",
    "Rárá, ọjà náà kò dé ọ̀dọ̀ mi rí. Mo fẹ́ kí ẹ dá owó mi padà.",
    "Kí ni kí n ṣe nísinsìnyí?\nMo ti dúró fún ọ̀sẹ̀ méjì.",
    "Ìṣòro náà ti yanjú, mo ti rí owó mi gbà. Ẹ ṣé gan-an.",
]

BODIES = {"en": ENGLISH, "ms": MALAY, "zh": CHINESE, "yo": YORUBA}

# What the mails quote: a mail of the dispute team, which has a case id, an address with a token and a question in it, none of which is new.
QUOTED = """We received your report about payment 123456.

What happens next: the merchant has until 14 November 2025 to answer.
Case: RC-4fQ9zLk2
Answer to this mail, or write to cases+aaaaaaaqqqqqqqqqqqqqqqqqqq@example.com.

The payment platform's dispute team""".split("\n")

# Replies between quotes: pairs of what is quoted and what stands under it.
INLINE = {
    "en": [("When did you pay?", "On 3 November, in the evening."), ("Did the shop answer you?", "No, nobody answered.\nI called twice."), ("Do you have a receipt?", "Yes, I will send it tomorrow.")],
    "ms": [("Bila anda membayar?", "Pada 3 November, waktu malam."), ("Ada resit?", "Ada, saya akan hantar esok.")],
    "zh": [("您是什么时候付款的？", "11月3日晚上。"), ("有收据吗？", "有，明天发给您。")],
    "yo": [("When did you pay?", "Ní ọjọ́ kẹta oṣù kọkànlá."), ("Do you have a receipt?", "Bẹ́ẹ̀ ni, màá fi ránṣẹ́ lọ́la.")],
}

SENDERS = {
    "en": ("Adaeze Obi", "adaeze.obi@example.org"),
    "ms": ("Nurul Aisyah", "nurul.aisyah@example.org"),
    "zh": ("陈美玲", "chen.meiling@example.org"),
    "yo": ("Fọláṣadé Àjàyí", "folasade@mail.test"),
}
