// An OpenID provider that others wrote, on the loopback, for tests/app/test_real_provider.py.
// One argument: {"port", "clients": [client metadata], "modules": folder of node_modules}. Prints "ready" when it listens.
import { createRequire } from "node:module";
import { webcrypto } from "node:crypto";
import { pathToFileURL } from "node:url";

globalThis.crypto ??= webcrypto; // Node 18 has it under another name
const { port, clients, modules } = JSON.parse(process.argv[2]);
const { default: Provider } = await import(pathToFileURL(createRequire(`${modules}/`).resolve("oidc-provider")));

// whoever signs in is who they say: the test types a person id, or an official's name
const account = (_, sub) => ({ accountId: sub, claims: () => ({ sub, person_id: sub, name: sub }) });
const provider = new Provider(`http://localhost:${port}`, {
  clients,
  findAccount: account,
  claims: { openid: ["sub", "person_id", "name"] },
  conformIdTokenClaims: false, // claims of the id token also where a userinfo endpoint could be asked
  acrValues: ["high"],
  pkce: { required: () => true },
});
provider.listen(port, "127.0.0.1", () => console.log("ready"));
