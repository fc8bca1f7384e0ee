// node tools/reduce.mjs CDK_OUT OUT copies a cloud assembly without what the
// CloudFormation server of the check does not know (moto, which is not AWS's), and
// prints what it left out: nobody has seen that deployed. What referred to it gets
// a stand-in.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What moto 5.2.1 skips or cannot make. Template assertions stand for all of it. */
const unknown = [
  'AWS::ApiGateway::Account',
  /^AWS::ApiGatewayV2::/,
  'AWS::Budgets::Budget',
  /^AWS::CloudFront::/,
  'AWS::CloudWatch::Alarm',
  /^AWS::CodeDeploy::/,
  'AWS::Lambda::Alias',
  'AWS::S3::BucketPolicy',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Logs::Delivery',
  'AWS::Logs::DeliveryDestination',
  'AWS::Logs::DeliverySource',
  'AWS::SNS::Subscription',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
  'AWS::Scheduler::Schedule',
  'AWS::SecretsManager::Secret',
  'AWS::WAFv2::WebACL',
]

/** Properties that it stumbles over. */
const stumbles = { 'AWS::KMS::Key': ['Tags'] }

const [assembly, out] = process.argv.slice(2)
rmSync(out, { recursive: true, force: true })
cpSync(assembly, out, { recursive: true })
const { artifacts } = JSON.parse(readFileSync(join(out, 'manifest.json')))
const left = new Map()
const stacks = Object.entries(artifacts).filter(([, { type }]) => type === 'aws:cloudformation:stack')
const regions = Object.fromEntries(stacks.map(([name, { environment }]) => [name, environment.split('/').pop()]))
for (const [name, { properties }] of stacks) reduce(name, join(out, properties.templateFile))
const width = Math.max(...[...left.keys()].map((t) => t.length))
for (const [type, n] of [...left].sort()) console.log(`  ${type.padEnd(width)}  ${n}`)

function reduce(name, file) {
  const template = imported(JSON.parse(readFileSync(file)), regions[name])
  for (const [id, output] of Object.entries(template.Outputs ?? {})) output.Export = { Name: `${name}:${id}` }
  delete template.Parameters?.BootstrapVersion // which the server forgets, and cannot reuse in an update
  delete template.Rules?.CheckBootstrapVersion
  const gone = new Map() // by logical id: what stands in for it
  for (const [id, { Type, Properties }] of Object.entries(template.Resources)) {
    for (const name of stumbles[Type] ?? []) delete Properties[name]
    if (!unknown.some((u) => (u instanceof RegExp ? u.test(Type) : u === Type))) continue
    gone.set(id, standIn(Type, Properties))
    left.set(Type, (left.get(Type) ?? 0) + 1)
    delete template.Resources[id]
  }
  writeFileSync(file, JSON.stringify(without(template, gone)))
}

/** The server does not know Fn::GetStackOutput: it gets the export that reduce makes of each output. */
function imported(value, region) {
  if (Array.isArray(value)) return value.map((v) => imported(v, region))
  if (value === null || typeof value !== 'object') return value
  const output = value['Fn::GetStackOutput']
  if (output) return regions[output.StackName] === region ? { 'Fn::ImportValue': `${output.StackName}:${output.OutputName}` } : 'another-region'
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, imported(v, region)]))
}

/** What others get in place of a resource: of the right form, where the server looks at it. */
function standIn(type, { FunctionName, Name }) {
  if (type === 'AWS::Lambda::Alias') return { 'Fn::GetAtt': [FunctionName.Ref, 'Arn'] }
  if (type === 'AWS::SecretsManager::Secret') return `arn:aws:secretsmanager:eu-south-1:123456789012:secret:${Name}-AbCdEf`
  return 'arn:aws:stand-in:eu-south-1:123456789012:stand:in'
}

function without(value, gone) {
  if (Array.isArray(value)) return value.map((v) => without(v, gone))
  if (value === null || typeof value !== 'object') return value
  const ref = value.Ref ?? value['Fn::GetAtt']?.[0]
  if (gone.has(ref)) return gone.get(ref)
  const { DependsOn, ...rest } = value
  const stay = [DependsOn ?? []].flat().filter((id) => !gone.has(id))
  if (stay.length > 0) rest.DependsOn = stay
  return Object.fromEntries(Object.entries(rest).map(([k, v]) => [k, without(v, gone)]))
}
