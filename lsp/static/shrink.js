// Makes a chosen photo small before it is sent. Any trouble: the original goes. `input.ready`: when that is done.
(() => {
  'use strict';
  const MOST = 3e5, LARGEST = 2000, SMALLEST = 1200; // at 1,200 pixels the NIK on a card is still read with ease

  const drawn = (image, side) => {
    const canvas = document.createElement('canvas');
    const scale = Math.min(1, side / Math.max(image.width, image.height));
    canvas.width = image.width * scale;
    canvas.height = image.height * scale;
    const pen = canvas.getContext('2d');
    pen.fillStyle = '#fff'; // what is transparent becomes paper, not black
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    return canvas;
  };

  // Coarser first, then smaller: a noisy photo needs both.
  const small = async (image) => {
    let blob;
    for (let side = LARGEST; side >= SMALLEST; side *= 0.85) {
      const canvas = drawn(image, side);
      for (let quality = 0.72; quality > 0.5; quality -= 0.1) {
        blob = await new Promise((done) => canvas.toBlob(done, 'image/jpeg', quality));
        if (blob.size < MOST) return blob;
      }
    }
    return blob;
  };

  const shrink = async (input) => {
    const [file] = input.files;
    try {
      if (!/^image/.test(file.type)) return;
      const blob = await small(await createImageBitmap(file));
      if (blob.size >= file.size || input.files[0] !== file) return;
      const box = new DataTransfer();
      box.items.add(new File([blob], file.name.replace(/\.\w+$/, '.jpg'), { type: blob.type }));
      input.files = box.files;
    } catch { /* the original stays chosen */ }
  };

  document.addEventListener('change', ({ target }) => {
    if (target.matches('[type=file][data-shrink]')) target.ready = shrink(target);
  });
})();
