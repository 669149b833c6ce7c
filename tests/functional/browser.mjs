// Drives the page of docs/hosts/browser in Chromium: node browser.mjs URL CHROMIUM [SCREENSHOT]; prints what it saw as JSON. It lies
// beside docs/hosts's packages when it runs (test_hosts_browser.py copies it).

import { chromium } from "playwright-core";

const [address, executablePath, screenshot] = process.argv.slice(2);
const QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];

const browser = await chromium.launch({ executablePath, args: QUIET });
process.on("uncaughtException", async (error) => {
  console.error(error);
  await browser.close();
  process.exit(1);
});
const page = await browser.newPage({ viewport: { width: 900, height: 860 } });
const problems = [];
page.on("pageerror", (error) => problems.push(String(error)));
page.on("console", (message) => message.type() === "error" && problems.push(message.text()));

const start = async (program) => {
  await page.fill("#program", program);
  await page.click("#run");
};
const shows = (text) => page.waitForFunction((text) => document.querySelector("#output").textContent.includes(text), text);
const says = (word) => page.waitForFunction((word) => document.querySelector("#state").textContent.startsWith(word), word);
const seen = async () => ({ output: await page.textContent("#output"), state: await page.textContent("#state") });

/** The longest time, in milliseconds, that the page did nothing within `duration`. */
const longestPause = (duration) => page.evaluate((duration) => new Promise((resolve) => {
  const begin = performance.now();
  let last = begin, longest = 0;
  const tick = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    now - begin < duration ? setTimeout(tick) : resolve(longest);
  };
  tick();
}), duration);

const results = {};
await page.goto(address);
await says("ready");

// The page's own program: output comes while it runs, then it asks for a line.
await page.click("#run");
await shows("2 3 5");
results.early = await seen();
await shows("name?");
results.waiting = await seen();
await page.fill("#line", "Ada");
await page.press("#line", "Enter");
await says("ended");
results.answered = await seen();
if (screenshot) {
  await page.screenshot({ path: screenshot });
}

// A busy program: the page goes on, and Stop ends it.
await start("print('busy')\nwhile True: pass");
await shows("busy");
results.busyPause = await longestPause(1500);
await page.click("#stop");
await says("stopped");
results.stopped = await seen();

// A flood of output: it is held back, so that the page goes on; the oldest is dropped.
await start("n = 0\nwhile True:\n    n += 1\n    print(n, 'x' * 1000)");
await page.waitForFunction(() => parseInt(document.querySelector("#output").lastElementChild?.textContent) > 1000);
results.floodPause = await longestPause(1500);
await page.click("#stop");
await says("stopped");
results.flood = { length: (await seen()).output.length };

// An error; files in memory; the end of input.
await start("import json\njson.loads('[1,')");
await says("ended");
results.error = await seen();
await start("import pathlib, sys\nopen('/note', 'w').write('kept')\nprint(pathlib.Path('/note').read_text(), len(sys.stdin.read()))\nsys.exit(3)");
await page.fill("#line", "grüße");
await page.press("#line", "Enter");
await page.click("#end");
await says("ended");
results.files = await seen();

await browser.close();
console.log(JSON.stringify({ ...results, problems }));
