// Reads a list of simulations, writes for each whether it is allowed, or what is wrong with it.
import { runSimulation } from '@cloud-copilot/iam-simulate'
import { text } from 'node:stream/consumers'

const asked = JSON.parse(await text(process.stdin))
const answers = []
for (const simulation of asked) {
  const answer = await runSimulation(simulation, { simulationMode: 'Strict' })
  answers.push(answer.errors ? answer.errors : answer.overallResult)
}
process.stdout.write(JSON.stringify(answers))
