// Runs once, on the list of documents.
element.addEventListener('click', (event) => {
  const act = event.target.closest('[data-act]')?.dataset.act;
  const row = event.target.closest('[data-document]');
  if (act === 'remove') trigger('click', { act: 'remove', document: row.dataset.document });
  if (act === 'within') {
    trigger('select', { document: row.dataset.document });
    document.querySelector('#to-shelf').click();
    document.querySelector('#box textarea')?.focus();
  }
});
