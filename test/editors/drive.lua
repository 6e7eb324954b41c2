-- A session of Neovim with the language server: opens a page, and writes what the server gave it as JSON. Told by the environment where all is.
local page, answers = vim.env.PAGE, vim.env.ANSWERS
local found = {}

local function finish(code)
  vim.fn.writefile({ vim.fn.json_encode(found) }, answers)
  vim.cmd(code == 0 and 'qall!' or 'cquit!')
end

local ok, mistake = pcall(function()
  vim.cmd('edit ' .. page)
  -- The recipe of docs/editors.md starts the client.
  assert(vim.wait(20000, function() return #vim.lsp.get_active_clients() == 1 end, 20), 'the server did not start')
  local client = vim.lsp.get_active_clients()[1].id

  local function place(word, column)
    local line = vim.fn.search(word, 'w')
    assert(line > 0, 'no ' .. word)
    return { textDocument = vim.lsp.util.make_text_document_params(), position = { line = line - 1, character = vim.fn.col('.') - 1 + (column or 0) } }
  end
  local function ask(method, params)
    local results = assert(vim.lsp.buf_request_sync(0, method, params, 20000), method .. ' was not answered')
    return results[client].result, results[client].error
  end

  assert(vim.wait(20000, function() return #vim.diagnostic.get(0) > 0 end, 20), 'no diagnostics came')
  found.diagnostics = vim.tbl_map(function(d) return { code = d.code, line = d.lnum + 1, message = d.message } end, vim.diagnostic.get(0))

  -- What is offered for the mistake is asked for and done as Neovim does it.
  local first = vim.diagnostic.get(0)[1]
  local range = { start = { line = first.lnum, character = first.col }, ['end'] = { line = first.end_lnum, character = first.end_col } }
  local shown = { range = range, code = first.code, message = first.message, severity = first.severity, source = first.source }
  local document = vim.lsp.util.make_text_document_params()
  local actions = ask('textDocument/codeAction', { textDocument = document, range = range, context = { diagnostics = { shown } } })
  found.actions = vim.tbl_map(function(action) return { title = action.title, kind = action.kind } end, actions)
  vim.lsp.util.apply_workspace_edit(actions[1].edit, 'utf-16')
  assert(vim.wait(20000, function() return #vim.diagnostic.get(0) == 0 end, 20), 'the diagnostics did not go')
  found.mended = true

  found.hover = ask('textDocument/hover', place('penalty \\*')).contents.value

  -- What may stand behind letters of a name.
  local line = vim.fn.search('outer minimize', 'w')
  vim.api.nvim_buf_set_lines(0, line, line, true, { '  report error = pen' })
  local asked = { textDocument = vim.lsp.util.make_text_document_params(), position = { line = line, character = 20 } }
  local completion = ask('textDocument/completion', asked)
  found.completion = vim.tbl_map(function(item) return item.label end, completion.items or completion)
  vim.api.nvim_buf_set_lines(0, line, line + 1, true, {})

  local edit = ask('textDocument/rename', vim.tbl_extend('force', place('penalty \\*'), { newName = 'λ' }))
  vim.lsp.util.apply_workspace_edit(edit, 'utf-16')
  local edits = ask('textDocument/formatting', { textDocument = vim.lsp.util.make_text_document_params(), options = { tabSize = 2, insertSpaces = true } })
  vim.lsp.util.apply_text_edits(edits, 0, 'utf-16')
  found.text = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, true), '\n') .. '\n'
end)
if not ok then found.mistake = tostring(mistake) end
finish(ok and 0 or 1)
