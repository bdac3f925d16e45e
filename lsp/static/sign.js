// A signature by finger or mouse, as strokes in a box of 600 x 200.
(() => {
  const all = '[data-sign] canvas', input = (node) => node.parentNode.querySelector('input');
  const on = (name, act) => document.addEventListener(name, act);
  const draw = (canvas) => {
    const pen = canvas.getContext('2d');
    canvas.parentNode.hidden = false;
    const scale = canvas.clientWidth * devicePixelRatio / 600;
    canvas.width = 600 * scale;
    canvas.height = 200 * scale;
    pen.scale(scale, scale);
    pen.lineWidth = 4;
    for (const stroke of input(canvas).value.split(';')) {
      pen.beginPath();
      stroke.split(' ').forEach((point) => point && pen.lineTo(...point.split(',')));
      pen.stroke();
    }
  };
  const add = ({ target, offsetX, offsetY }, gap) => {
    input(target).value += gap + [offsetX, offsetY].map((at) => Math.round(at / target.clientWidth * 600));
    draw(target);
  };
  on('pointerdown', (event) => {
    const { target, pointerId } = event;
    if (!target.matches(all)) return;
    target.setPointerCapture(pointerId);
    add(event, input(target).value && ';');
  });
  on('pointermove', (event) => {
    if (event.target.matches(all) && event.target.hasPointerCapture(event.pointerId)) add(event, ' ');
  });
  const show = () => document.querySelectorAll(all).forEach(draw);
  on('click', ({ target }) => {
    if (target.matches('[data-sign] button')) input(target).value = '';
    show();
  });
  on('htmx:afterSettle', show);
  show();
})();
