/**
 * Finds a Chrome or Chromium for the browser tests, or gets one: SHELFMATE_CHROMIUM, Playwright's own download,
 * one that is installed, then Playwright's download made now, then the system's package manager when run as root.
 * Throws with a sentence that says what to do. The browser tests are never skipped.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright';

const INSTALLED = {
  linux: [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/usr/bin/google-chrome-stable',
    '/snap/bin/chromium',
    '/opt/google/chrome/chrome',
  ],
  darwin: ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium'],
  win32: [
    `${process.env.PROGRAMFILES}\\Google\\Chrome\\Application\\chrome.exe`,
    `${process.env['PROGRAMFILES(X86)']}\\Google\\Chrome\\Application\\chrome.exe`,
    `${process.env.LOCALAPPDATA}\\Google\\Chrome\\Application\\chrome.exe`,
  ],
};

const DOWNLOAD_LIMIT_MS = 5 * 60_000;
const INSTALL_LIMIT_MS = 10 * 60_000;

export function findChromium() {
  const named = process.env.SHELFMATE_CHROMIUM;
  if (named) {
    if (existsSync(named)) return named;
    throw new Error(`SHELFMATE_CHROMIUM is ${named}, where there is no file. Set it to a Chrome or Chromium program, or unset it.`);
  }
  return downloaded() ?? installed() ?? download() ?? installByPackageManager() ?? fail();
}

function downloaded() {
  const path = chromium.executablePath();
  return path && existsSync(path) ? path : null;
}

function installed() {
  return (INSTALLED[process.platform] ?? []).find((path) => existsSync(path)) ?? null;
}

function download() {
  console.log('No Chrome or Chromium found; downloading one with Playwright …');
  const cli = createRequire(import.meta.url).resolve('playwright/cli.js');
  spawnSync(process.execPath, [cli, 'install', 'chromium'], { stdio: ['ignore', 'inherit', 'inherit'], timeout: DOWNLOAD_LIMIT_MS });
  return downloaded();
}

function installByPackageManager() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return null;
  console.log('The download failed; installing the Debian package "chromium" …');
  const options = {
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: INSTALL_LIMIT_MS,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  spawnSync('apt-get', ['update', '-qq'], options);
  spawnSync('apt-get', ['install', '-y', '-qq', 'chromium'], options);
  return installed();
}

function fail() {
  throw new Error(
    'The browser tests need Chrome or Chromium, and none could be found, downloaded or installed. Install one (Debian, Ubuntu: "sudo apt-get install chromium"), or set SHELFMATE_CHROMIUM to its program, and run "npm test" again.',
  );
}
