// node tools/sam/templates.mjs CDK_OUT STAGE makes templates for SAM beside the
// synthesized ones, whose assets they use:
//
//   functions.template.json  the functions of all stacks, each by its own name
//   http.template.json       the stack of the HTTP API
//
// The functions are those of the stacks. What they have here and not there is
// variables that lead them to servers on this machine: "sam --env-vars" sets only
// variables that a template declares.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [assembly, stage] = process.argv.slice(2)
const here = ['AWS_ENDPOINT_URL_DYNAMODB', 'AWS_ENDPOINT_URL_SQS', 'AWS_ENDPOINT_URL_SECRETS_MANAGER', 'INFOCIG_CLOCK_OFFSET']

const read = (stack) => JSON.parse(readFileSync(join(assembly, `infocig-${stage}-${stack}.template.json`)))
const write = (name, template) => writeFileSync(join(assembly, `${name}.template.json`), JSON.stringify(template, null, 1))

function declare(fn) {
  for (const name of here) fn.Properties.Environment.Variables[name] = ''
}

const functions = {}
for (const stack of ['socket', 'http', 'jobs']) {
  for (const [id, resource] of Object.entries(read(stack).Resources)) {
    if (resource.Type !== 'AWS::Lambda::Function') continue
    declare(resource)
    functions[id.toLowerCase()] = resource
  }
}
write('functions', { Resources: functions })

const http = read('http')
for (const resource of Object.values(http.Resources)) if (resource.Type === 'AWS::Lambda::Function') declare(resource)
write('http', http)
console.log(`sam: ${Object.keys(functions).length} functions, each as it is synthesized`)
