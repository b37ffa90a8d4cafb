// The portal's own script: theme, time zone, copying, focus, revealing a token, and coming back after a lost circuit.
// Everything else is rendered by the server.
(() => {
  "use strict";

  const year = 365 * 24 * 60 * 60;
  const isHttps = location.protocol === "https:";
  const secure = isHttps ? "; Secure" : "";
  const prefix = isHttps ? "__Host-" : "";
  const remember = (name, value) => {
    document.cookie = `${prefix}${name}=${encodeURIComponent(value)}; Path=/; Max-Age=${year}; SameSite=Lax${secure}`;
  };

  // The server renders times in the browser's zone from the next page on.
  remember("time-zone", Intl.DateTimeFormat().resolvedOptions().timeZone);

  const systemIsDark = () => matchMedia("(prefers-color-scheme: dark)").matches;
  const currentTheme = () => document.documentElement.dataset.theme || (systemIsDark() ? "dark" : "light");

  const applyTheme = theme => {
    document.documentElement.dataset.theme = theme;
    for (const link of document.querySelectorAll("link[data-theme-of]")) {
      link.media = link.dataset.themeOf === theme ? "all" : "not all";
    }
    remember("theme", theme);
  };

  document.addEventListener("click", event => {
    if (event.target.closest?.("[data-toggle-theme]")) applyTheme(currentTheme() === "dark" ? "light" : "dark");
  });

  // The navigation of a narrow screen has done its work when a page was chosen.
  document.addEventListener("click", event => {
    const menu = event.target.closest?.("a")?.closest("[popover]");
    if (menu?.matches(":popover-open")) menu.hidePopover();
  });

  // Leaving a field can move what stands below it: a message appears, tags are shown. A press that began on a button
  // then ends beside it, and the browser makes no click of it. The pointer has not moved, so it was meant for the button.
  let pressed = null;
  document.addEventListener("pointerdown", event => {
    const button = event.isPrimary && event.button === 0 ? event.target.closest?.("button, a[href]") : null;
    pressed = button ? { button, x: event.clientX, y: event.clientY } : null;
  }, true);
  document.addEventListener("pointerup", event => {
    const press = pressed;
    pressed = null;
    if (!press || !press.button.isConnected || press.button.contains(event.target)) return;
    if (Math.hypot(event.clientX - press.x, event.clientY - press.y) < 4) press.button.click();
  }, true);

  const copy = async text => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // No permission, or not a secure context: the person can select and copy by hand.
      return false;
    }
  };

  // Pages without a circuit: a button names what it copies, a list line by line, and the note beside it says that it did.
  document.addEventListener("click", async event => {
    const button = event.target.closest?.("[data-copy]");
    const source = button && document.querySelector(button.dataset.copy);
    if (!source) return;
    source.select?.();
    const text = source.matches("ul")
      ? [...source.children].map(line => line.textContent.trim()).join("\n")
      : source.value ?? source.textContent.replaceAll(" ", "");
    const note = (button.closest(".field") ?? button.parentElement).querySelector("[data-copied]");
    if (!(await copy(text)) || !note) return;
    note.hidden = false;
    note.textContent = note.dataset.copied || note.textContent;
  });

  const focus = selector => {
    const element = document.querySelector(selector);
    if (element) element.focus();
  };

  const focusInvalid = () => focus("[aria-invalid='true'], .field-bad [tabindex='-1']");

  // The token goes from its own endpoint to this script and to the clipboard or the page: never through the circuit.
  const fetchToken = async id => {
    const antiforgery = document.querySelector("#sign-out input[name='__RequestVerificationToken']").value;
    const answer = await fetch(`/instances/${encodeURIComponent(id)}/token`, {
      method: "POST",
      headers: { RequestVerificationToken: antiforgery },
      cache: "no-store",
      redirect: "error",
    });
    if (!answer.ok) return null;
    return (await answer.json()).token;
  };

  const shownFor = 30_000;

  const hideToken = output => {
    clearTimeout(Number(output.dataset.timer));
    output.textContent = output.dataset.mask;
  };

  const revealToken = async (id, selector) => {
    const output = document.querySelector(selector);
    const token = await fetchToken(id);
    if (!token || !output) return false;
    output.dataset.mask ||= output.textContent;
    output.textContent = token;
    output.dataset.timer = String(setTimeout(() => hideToken(output), shownFor));
    return true;
  };

  const copyToken = async id => {
    const token = await fetchToken(id);
    return token ? copy(token) : false;
  };

  window.portal = { copy, focus, focusInvalid, revealToken, copyToken };

  // A restarted portal does not know the circuit any more: the page is loaded anew and continues from what was saved.
  const modal = document.getElementById("components-reconnect-modal");
  if (modal) {
    new MutationObserver(() => {
      if (modal.classList.contains("components-reconnect-rejected") || modal.classList.contains("components-reconnect-failed")) location.reload();
    }).observe(modal, { attributes: true, attributeFilter: ["class"] });
  }

  window.Blazor?.start({
    circuit: { reconnectionOptions: { maxRetries: 600, retryIntervalMilliseconds: attempt => (attempt < 10 ? 500 : 3000) } },
  });
})();
