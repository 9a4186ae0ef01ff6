// A passkey in the browser: made once, used to sign in. Nothing else of the portal needs a script.
"use strict";
const form = document.querySelector("form[data-passkey]");
const said = document.getElementById("said");

async function asked(path, body) {
  const answer = await fetch(path, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ nonce: form.elements.nonce.value, ...body }),
  });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function pressed(event) {
  event.preventDefault();
  const under = form.dataset.under;
  const makes = form.dataset.passkey === "make";
  try {
    const options = await asked(`${under}/${makes ? "begin" : "ask"}`, {});
    const credential = makes
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
    const done = await asked(`${under}/${makes ? "finish" : "answer"}`, { challenge: options.challenge, credential: credential.toJSON() });
    location.href = done.next;
  } catch (failure) {
    said.hidden = false;
    said.focus();
  }
}

form.addEventListener("submit", pressed);
form.querySelector("button").hidden = false;
