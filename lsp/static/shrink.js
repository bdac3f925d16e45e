// Makes a chosen photo small before it is sent. Any trouble: the original goes.
document.addEventListener('change', async ({ target: input }) => {
  if (!input.matches('[type=file][data-shrink]')) return;
  try {
    const [file] = input.files;
    if (!/^image/.test(file.type)) return;
    const image = await createImageBitmap(file);
    const canvas = document.createElement('canvas');
    const scale = Math.min(1, 2000 / Math.max(image.width, image.height));
    const width = canvas.width = image.width * scale;
    const height = canvas.height = image.height * scale;
    const pen = canvas.getContext('2d');
    pen.fillStyle = '#fff'; // what is transparent becomes paper, not black
    pen.fillRect(0, 0, width, height);
    pen.drawImage(image, 0, 0, width, height);
    let blob;
    for (let quality = 0.72; quality > 0.3 && !(blob?.size < 3e5); quality -= 0.1) {
      blob = await new Promise((done) => canvas.toBlob(done, 'image/jpeg', quality));
    }
    if (blob.size >= file.size || input.files[0] !== file) return;
    const box = new DataTransfer();
    box.items.add(new File([blob], file.name.replace(/\.\w+$/, '.jpg'), { type: blob.type }));
    input.files = box.files;
  } catch { /* the original stays chosen */ }
});
