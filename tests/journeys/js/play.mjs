// Plays an HLS address in headless Chromium with hls.js for some seconds; prints what the player saw as one JSON line.
// Usage: node play.mjs ADDRESS SECONDS

import { createRequire } from "node:module";
import puppeteer from "puppeteer-core";

const [address, seconds] = process.argv.slice(2);
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
  ],
});
try {
  const page = await browser.newPage();
  await page.setContent("<video muted></video>");
  await page.addScriptTag({ path: createRequire(import.meta.url).resolve("hls.js/dist/hls.min.js") });
  const seen = await page.evaluate(
    async (url, duration) => {
      const video = document.querySelector("video");
      const hls = new Hls({ liveSyncDurationCount: 2 });
      const errors = [];
      hls.on(Hls.Events.ERROR, (_, data) => errors.push({ details: data.details, fatal: data.fatal }));
      hls.loadSource(url);
      hls.attachMedia(video);
      await new Promise((resolve) => (video.oncanplay = resolve));
      await video.play();
      const began = video.currentTime;
      await new Promise((resolve) => setTimeout(resolve, duration * 1000));
      const quality = video.getVideoPlaybackQuality();
      return {
        played: video.currentTime - began,
        width: video.videoWidth,
        height: video.videoHeight,
        frames: quality.totalVideoFrames,
        audioBytes: video.webkitAudioDecodedByteCount,
        latency: hls.latency,
        errors,
      };
    },
    address,
    Number(seconds),
  );
  console.log(JSON.stringify(seen));
} finally {
  await browser.close();
}
