// Runs once, on the place where files are dropped. They go up one after the other, each with its own bar.
const words = window.footnoteWords;
const zone = element.querySelector('.drop');
const input = element.querySelector('input[type=file]');
const list = element.querySelector('.uploads');
const told = (key, name) => words[key].replace('{name}', name);

const send = (file) => new Promise((done) => {
  const item = document.createElement('li');
  const label = Object.assign(document.createElement('span'), { textContent: told('uploading', file.name) });
  const bar = Object.assign(document.createElement('progress'), { max: 1, value: 0 });
  bar.setAttribute('aria-label', file.name);
  item.append(label, bar);
  list.append(item);
  const request = new XMLHttpRequest();
  const end = (text, ok) => {
    label.textContent = text;
    bar.remove();
    item.className = ok ? 'done' : 'failed';
    done(ok);
  };
  request.upload.addEventListener('progress', (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; });
  request.addEventListener('load', () => {
    if (request.status === 204) return end(told('uploaded', file.name), true);
    let reason = told('upload_failed', file.name);
    try { reason = JSON.parse(request.responseText).detail ?? reason; } catch { /* no problem document */ }
    end(reason, false);
  });
  request.addEventListener('error', () => end(told('upload_failed', file.name), false));
  request.open('POST', `/chat/files?name=${encodeURIComponent(file.name)}`);
  request.setRequestHeader('X-Footnote', 'upload');
  request.send(file);
});
const take = async (files) => {
  list.replaceChildren();
  let any = false;
  for (const file of files) any = (await send(file)) || any;
  if (any) trigger('upload', { act: 'read' });
};
input.addEventListener('change', () => { take([...input.files]).then(() => { input.value = ''; }); });
zone.addEventListener('dragover', (event) => { event.preventDefault(); zone.classList.add('over'); });
zone.addEventListener('dragleave', () => zone.classList.remove('over'));
zone.addEventListener('drop', (event) => {
  event.preventDefault();
  zone.classList.remove('over');
  take([...event.dataTransfer.files]);
});
