// Passkeys. A form with data-passkey asks that address for options, has the browser ask the person, and is then sent as the
// plain form that it is. Nothing of it passes through a circuit.
(() => {
  "use strict";

  // Browsers offer passkeys under https and on localhost, and for names: an address of numbers has none.
  const isNumber = /^[\d.]+$|^\[/.test(location.hostname);
  const offered = isSecureContext && !isNumber && typeof window.PublicKeyCredential?.parseRequestOptionsFromJSON === "function";

  const show = () => {
    for (const form of document.querySelectorAll("form[data-passkey]")) {
      for (const part of form.querySelectorAll("[data-passkey-offered]")) part.hidden = !offered;
      for (const part of form.querySelectorAll("[data-passkey-missing]")) part.hidden = offered;
    }
  };

  const fetchOptions = async form => {
    const answer = await fetch(form.dataset.passkey, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" }, cache: "no-store", redirect: "error" });
    const isJson = answer.headers.get("Content-Type")?.includes("json");
    if (answer.ok && isJson) return { options: await answer.json() };
    return { problem: isJson ? (await answer.json()).message : await answer.text() };
  };

  const askBrowser = options => (options.rp
    ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
    : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }));

  const run = async form => {
    const { options, problem } = await fetchOptions(form);
    if (!options) return problem;
    const credential = await askBrowser(options);
    form.elements.credential.value = JSON.stringify(credential);
    // It has been looked at, and need not travel again.
    for (const secret of form.querySelectorAll("input[type='password']")) secret.value = "";
    form.submit();
    return null;
  };

  // Re-authentication in an open page. "Passkeys" as the field says that the browser offers none here.
  const confirm = async () => {
    if (!offered) return { done: false, message: null, field: "Passkeys" };
    const token = document.querySelector("#sign-out input[name='__RequestVerificationToken']").value;
    const post = (address, fields) => fetch(address, {
      method: "POST",
      headers: { Accept: "application/json", RequestVerificationToken: token },
      body: new URLSearchParams(fields),
      cache: "no-store",
      redirect: "error",
    });
    try {
      const asked = await post("/me/passkeys/confirm/options", {});
      if (!asked.ok) return { done: false, message: null, field: null };
      const credential = await askBrowser(await asked.json());
      const answer = await post("/confirm/passkey", { credential: JSON.stringify(credential) });
      return { done: answer.ok, message: answer.ok ? null : (await answer.json()).message ?? null, field: null };
    } catch {
      // The user cancelled, the device has no passkey, or the portal was not reached: it can be tried again.
      return { done: false, message: null, field: null };
    }
  };
  window.portal.confirmPasskey = confirm;

  document.addEventListener("click", async event => {
    const button = event.target.closest?.("[data-passkey-confirm]");
    if (!button || button.dataset.busy) return;
    button.dataset.busy = "true";
    const proof = button.closest("[data-passkey-proof]");
    const answer = await confirm();
    delete button.dataset.busy;
    const text = name => proof.querySelector(`template[data-passkey-text='${name}']`).content.textContent;
    proof.querySelector("[data-passkey-done]").hidden = !answer.done;
    proof.querySelector("[data-passkey-problem]").textContent = answer.done ? "" : answer.message ?? text(answer.field ? "missing" : "failed");
  });

  document.addEventListener("submit", async event => {
    const form = event.target;
    if (!form.matches?.("form[data-passkey]")) return;
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "true";
    const said = form.querySelector("[data-passkey-problem]");
    said.textContent = "";
    let problem;
    try {
      problem = await run(form);
    } catch {
      // The person said no, the device has none, or the portal was not reached: in every case it can be tried again.
      problem = form.querySelector("template[data-passkey-text='failed']").content.textContent;
    }

    if (problem === null) return;
    delete form.dataset.busy;
    said.textContent = problem;
  });

  show();
  // Pages that take the place of another without being loaded anew.
  window.Blazor?.addEventListener?.("enhancedload", show);
})();
