// What makes the pages live. Without it every page and every form works the same.

// What a box, a button or a link of a row is known by when the row comes again. Boxes name the case before a dot.
const known = (part) => `${part.name || part.getAttribute("href")} ${(part.value ?? "").split(".")[0]}`;

// Shows fresh HTML in a part of the page. What was ticked stays ticked, and the focus stays where it was. The rows
// that were not there before are marked; their number, and that of the ticked rows that are gone, is returned.
function refresh(part, html) {
  const ticked = new Set(Array.from(part.querySelectorAll("input:checked"), known));
  const links = new Set(Array.from(part.querySelectorAll("tbody a"), known));
  const focused = part.contains(document.activeElement) ? known(document.activeElement) : null;
  part.innerHTML = html;
  let fresh = 0;
  for (const row of part.querySelectorAll("tbody tr")) {
    const link = row.querySelector("a");
    if (!link || links.has(known(link))) continue;
    row.classList.add("fresh");
    fresh += 1;
  }
  for (const box of part.querySelectorAll("input[type=checkbox]")) if (ticked.delete(known(box))) box.checked = true;
  if (focused) Array.from(part.querySelectorAll("a, button, input")).find((it) => known(it) === focused)?.focus();
  return { fresh, gone: ticked.size };
}

// The part of a fetched page or of a piece of one that has this id.
const partOf = (text, id) => new DOMParser().parseFromString(text, "text/html").getElementById(id);

// [data-look]: a part of the page that looks again every ten seconds, at its address [data-at] with that token, and
// changes when there is something new. [data-news="selector"] then says how many rows are new. It waits while the page
// is hidden, and while somebody writes in the part. These looks do not count as use of the session, and end with it.
setInterval(async () => {
  const part = document.querySelector("[data-look]");
  const active = document.activeElement;
  const isWriting = part?.contains(active) && active.matches("input:not([type=checkbox]), select, textarea");
  if (!part || document.hidden || isWriting) return;
  try {
    const answer = await fetch(part.dataset.at, { headers: { "recourse-look": part.dataset.look } });
    if (!answer.ok || answer.redirected) return;
    const fresh = partOf(await answer.text(), part.id);
    // Somebody may have had the page changed meanwhile.
    if (!fresh || document.getElementById(part.id) !== part) return;
    part.dataset.look = fresh.dataset.look;
    const html = fresh.innerHTML;
    if (html === (part.shown ?? part.innerHTML)) return;
    part.shown = html;
    const { fresh: rows, gone } = refresh(part, html);
    const news = part.dataset.news && document.querySelector(part.dataset.news);
    const words = [rows && `${rows} new`, gone && `${gone} that you ticked moved on`].filter(Boolean).join(", ");
    if (news && words) news.textContent = `${words}.`;
  } catch {
    // The next look may find the network again.
  }
}, 10000);

const FIELDS = "main :is(textarea, input:not([type=hidden]), select)";
// What somebody wrote or chose in a form: each field with what it is known by on the page.
const drafts = () => Array.from(document.querySelectorAll(FIELDS), (field) =>
  ({ field, is: `${field.id} ${field.name} ${field.type === "radio" ? field.value : ""}` }));
// The field that somebody was in last.
let last = null;
document.addEventListener("focusin", (event) => { if (event.target.matches(FIELDS)) last = event.target; });

// a[data-show]: shows the page as it is now, with what was written in its forms. What no form has any more is kept, too.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-show]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  let page;
  try {
    const answer = await fetch(link.href);
    if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
    page = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
  } catch {
    // In a tab of its own, where the browser says what is wrong. Nothing that was written is lost.
    open(link.href);
    return;
  }
  const before = drafts();
  const focused = before.find(({ field }) => field === last);
  history.replaceState(null, "", link.href);
  document.querySelector("main").replaceChildren(...page.childNodes);
  const now = drafts();
  for (const { field, is } of before) {
    const same = now.find((other) => other.is === is)?.field;
    if (field.type === "radio" || field.type === "checkbox") {
      if (same) same.checked = field.checked;
    } else if (same && (field.tagName !== "SELECT" || Array.from(same.options).some(({ value }) => value === field.value))) {
      same.value = field.value;
    } else if (!same && field.tagName !== "SELECT" && field.value) {
      keep(field.value);
    }
  }
  const same = focused && now.find(({ is }) => is === focused.is)?.field;
  same?.focus({ preventScroll: true });
  if (same?.setSelectionRange && focused.field.tagName === "TEXTAREA") {
    same.setSelectionRange(focused.field.selectionStart, focused.field.selectionEnd);
  }
});

// Shows a text whose form is gone.
function keep(text) {
  const label = document.createElement("label");
  label.className = "note kept";
  label.append("What you wrote before", document.createElement("textarea"));
  Object.assign(label.lastChild, { value: text, readOnly: true });
  document.querySelector("main").append(label);
}

// [data-ticks="name"]: one box that ticks all boxes of that name in its form.
document.addEventListener("change", (event) => {
  const all = event.target.closest("input[data-ticks]");
  if (!all) return;
  for (const box of all.form.querySelectorAll(`input[name="${CSS.escape(all.dataset.ticks)}"]`)) box.checked = all.checked;
});

// button[data-copy="id"]: copies the text of that element.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
  const label = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = label; }, 1200);
});

// A form that was sent is not sent again by a second click. Whoever comes back by the history can send again.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) event.preventDefault();
  else event.target.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});
