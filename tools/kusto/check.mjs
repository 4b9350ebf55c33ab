// Reads tables and queries as JSON, a line each time; answers with a line that has what the language
// service of Microsoft's query editors says of each query: what is wrong with it, and its columns.
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const require = createRequire(import.meta.url)
require('@kusto/language-service-next/bridge.min')
require('@kusto/language-service-next/Kusto.Language.Bridge.min')

const { GlobalState, KustoCode, Symbols } = globalThis.Kusto.Language

function symbol(name, columns) {
  const listed = Object.entries(columns).map(
    ([column, type]) => new Symbols.ColumnSymbol(column, Symbols.ScalarTypes.GetSymbol(type)),
  )
  return new Symbols.TableSymbol.$ctor4(name, listed)
}

function each(list) {
  return Array.from({ length: list.Count }, (_, index) => list.getItem(index))
}

function said(query, globals) {
  const code = KustoCode.ParseAndAnalyze(query, globals)
  const columns = code.ResultType?.Columns
  return {
    wrong: each(code.GetDiagnostics()).map((d) => `${d.Severity}: ${d.Message}`),
    columns: columns ? Object.fromEntries(each(columns).map((c) => [c.Name, c.Type.Name])) : {},
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { tables, queries } = JSON.parse(line)
  const database = new Symbols.DatabaseSymbol.ctor(
    'logs',
    Object.entries(tables).map(([name, columns]) => symbol(name, columns)),
  )
  const globals = GlobalState.Default.WithDatabase(database)
  console.log(JSON.stringify(queries.map((query) => said(query, globals))))
}
