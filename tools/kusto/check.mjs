// Reads tables and queries as JSON from standard input; writes what the language service of
// Microsoft's query editors says of each query: what is wrong with it, and its columns.
import { createRequire } from 'node:module'
import { text } from 'node:stream/consumers'

const require = createRequire(import.meta.url)
require('@kusto/language-service-next/bridge.min')
require('@kusto/language-service-next/Kusto.Language.Bridge.min')

const { GlobalState, KustoCode, Symbols } = globalThis.Kusto.Language
const { tables, queries } = JSON.parse(await text(process.stdin))

function symbol(name, columns) {
  const listed = Object.entries(columns).map(
    ([column, type]) => new Symbols.ColumnSymbol(column, Symbols.ScalarTypes.GetSymbol(type)),
  )
  return new Symbols.TableSymbol.$ctor4(name, listed)
}

const database = new Symbols.DatabaseSymbol.ctor(
  'logs',
  Object.entries(tables).map(([name, columns]) => symbol(name, columns)),
)
const globals = GlobalState.Default.WithDatabase(database)

function each(list) {
  return Array.from({ length: list.Count }, (_, index) => list.getItem(index))
}

console.log(
  JSON.stringify(
    queries.map((query) => {
      const code = KustoCode.ParseAndAnalyze(query, globals)
      const columns = code.ResultType?.Columns
      return {
        wrong: each(code.GetDiagnostics()).map((d) => `${d.Severity}: ${d.Message}`),
        columns: columns ? Object.fromEntries(each(columns).map((c) => [c.Name, c.Type.Name])) : {},
      }
    }),
  ),
)
