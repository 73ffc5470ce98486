// What makes the pages live, on top of fixi. Without it every page and every form works the same.

// A page changes at once: an animation would be in the way of who works fast.
window.fixiCfg = { transition: false };

// The functions read forms as browsers send them, and fixi would send multipart.
document.addEventListener("fx:config", (event) => {
  const cfg = event.detail.cfg;
  if (cfg.method !== "GET" && cfg.body instanceof FormData) cfg.body = new URLSearchParams(cfg.body);
});

// An answer that is no piece of a page is shown as the page that it is: a refusal, or where the function led to.
document.addEventListener("fx:after", (event) => {
  const { cfg } = event.detail;
  if (cfg.response.ok && !cfg.response.redirected) return;
  event.preventDefault();
  if (cfg.response.redirected) {
    location.assign(cfg.response.url);
    return;
  }
  const page = new DOMParser().parseFromString(cfg.text, "text/html");
  document.title = page.title;
  document.body.replaceWith(page.body);
});

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

// [data-live="selector"]: looks again every ten seconds and changes that part of the page when there is something
// new, which [data-news="selector"] then says. It waits while the page is hidden, and while somebody writes in the
// part. These looks do not count as use of the session, and end when it has ended.
for (const mark of document.querySelectorAll("[data-live]")) {
  const selector = mark.dataset.live;
  let shown = null;
  setInterval(async () => {
    const part = document.querySelector(selector);
    const active = document.activeElement;
    const isWriting = part?.contains(active) && active.matches("input:not([type=checkbox]), select, textarea");
    if (!part || document.hidden || isWriting) return;
    try {
      const answer = await fetch(location.href, { headers: { "FX-Request": "live" } });
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const html = page.querySelector(selector)?.innerHTML;
      if (html === undefined || html === (shown ?? part.innerHTML)) return;
      shown = html;
      const { fresh, gone } = refresh(part, html);
      const news = document.querySelector(mark.dataset.news);
      if (!news) return;
      const words = [fresh && `${fresh} new`, gone && `${gone} that you ticked moved on`].filter(Boolean).join(", ");
      if (words) news.textContent = `${words}.`;
    } catch {
      // The next look may find the network again.
    }
  }, 10000);
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
document.addEventListener("fx:finally", (event) => {
  const form = event.target.closest("form");
  if (form) delete form.dataset.sent;
});
