//! Where the `tacho` program lies.

import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** The path of the setting, with `~` for the home folder; else the program that was packaged with the extension; else the one on the path. */
export function binary(setting: string, extensionFolder: string): string {
  if (setting !== "") return setting.replace(/^~(?=[/\\])/, homedir());
  const name = process.platform === "win32" ? "tacho.exe" : "tacho";
  const packaged = join(extensionFolder, "bin", name);
  try {
    accessSync(packaged, constants.X_OK);
    return packaged;
  } catch {
    return name;
  }
}
