// Writes passwords.bin: the 10,000 most common passwords of @zxcvbn-ts/language-common as hashes. See README.md.
// Usage: node make.mjs <directory of the unpacked npm package>
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const count = 10_000;
// The list is ordered, the most common password first.
const ranked = JSON.parse(readFileSync(join(process.argv[2], "src", "passwords.json"), "utf8"));
const hashes = new Map();
for (const word of ranked) {
  if (hashes.size === count) break;
  const hash = createHash("sha256").update(word.normalize("NFC").toLowerCase(), "utf8").digest().subarray(0, 8);
  hashes.set(hash.toString("hex"), hash);
}

if (hashes.size !== count) throw new Error(`The list has only ${hashes.size} passwords.`);
writeFileSync(new URL("passwords.bin", import.meta.url), Buffer.concat([...hashes.keys()].sort().map(key => hashes.get(key))));
