// Copying: each button names the element whose text it takes.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
  const label = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = label; }, 1200);
});

// Looking for a call: hides the lines that do not have every word. Without this the form asks the page for it.
const filter = document.querySelector("input[data-filter]");
if (filter) {
  const list = document.getElementById(filter.dataset.filter);
  filter.addEventListener("input", () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const line of list.querySelectorAll("[data-words]")) {
      line.hidden = !words.every((word) => line.dataset.words.includes(word));
    }
    for (const group of list.querySelectorAll("[data-group]")) {
      group.hidden = !group.querySelector("[data-words]:not([hidden])");
    }
    list.querySelector("[data-none]").hidden = Boolean(list.querySelector("[data-group]:not([hidden])"));
  });
}

// An inbox that looks again, and changes only when there is something new: who reads keeps the place.
const live = document.getElementById("live");
if (live) {
  setInterval(async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(location.pathname);
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("live");
      if (fresh && fresh.innerHTML !== live.innerHTML) live.innerHTML = fresh.innerHTML;
    } catch {
      // The local cloud has ended, or is about to be there again.
    }
  }, 2000);
}
