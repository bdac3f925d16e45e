"""What lsp/static/shrink.js makes of the worst photo, in a real browser: `CHROMIUM=… python -m bench.shrink`."""

from __future__ import annotations

import os

from playwright.sync_api import sync_playwright

from bench.serve import ROOT
from tests.journeys.test_uploads import noisy_photo

_FIELD = '<input type="file" data-shrink>'
_RESULT = """async (input) => {
  const began = performance.now();
  await input.ready;
  const [file] = input.files, image = await createImageBitmap(file);
  return [file.size, image.width, image.height, performance.now() - began];
}"""


def main() -> None:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=os.environ["CHROMIUM"], args=["--no-sandbox"]
        )
        page = chromium.new_page()
        for quality in (40, 80):
            photo = noisy_photo(quality)
            page.set_content(_FIELD)
            page.add_script_tag(path=ROOT / "lsp" / "static" / "shrink.js")
            field = page.locator("input")
            field.set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo})
            size, width, height, time = field.evaluate(_RESULT)
            print(
                f"{len(photo) / 1e6:.1f} MB -> {size / 1e3:.0f} kB, {width} x {height}, {time / 1e3:.1f} s"
            )
        chromium.close()


if __name__ == "__main__":
    main()
