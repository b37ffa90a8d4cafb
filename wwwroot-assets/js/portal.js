// The portal's own script: theme, time zone, showing a password, copying, focus, revealing a token, and coming back after a lost circuit.
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

  // A password can be looked at while it is typed, on pages that have no circuit. It is masked again before it leaves: browsers
  // remember for other forms what was sent from an open field.
  const mask = (input, masked) => {
    input.type = masked ? "password" : "text";
    input.parentElement.querySelector("[data-show-secret]").setAttribute("aria-pressed", String(!masked));
  };

  document.addEventListener("click", event => {
    const input = event.target.closest?.("[data-show-secret]")?.parentElement.querySelector("input");
    if (input) mask(input, input.type === "text");
  });

  document.addEventListener("submit", event => {
    for (const button of event.target.querySelectorAll("[data-show-secret]")) mask(button.parentElement.querySelector("input"), true);
  }, true);

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
