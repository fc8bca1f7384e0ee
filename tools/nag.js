// node tools/nag.js CDK_OUT runs cdk-nag's AwsSolutions rules over the synthesized
// templates and exits 1 if a finding is open. cdk-nag has no Go package: the
// templates are read back into constructs, and the acknowledgements that the Go
// code made are taken over from the metadata.
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { App, LegacyStackSynthesizer, Stack, Validations } = require('aws-cdk-lib')
const { CfnInclude } = require('aws-cdk-lib/cloudformation-include')
const { AwsSolutionsChecks } = require('cdk-nag')

const assembly = path.resolve(process.argv[2])
const manifest = read(path.join(assembly, 'manifest.json'))
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'infocig-nag-'))
process.on('exit', () => fs.rmSync(scratch, { recursive: true, force: true }))
const app = new App({ outdir: path.join(scratch, 'out'), analyticsReporting: false })

let stacks = 0
for (const [name, artifact] of Object.entries(manifest.artifacts)) {
  if (artifact.type !== 'aws:cloudformation:stack') continue
  include(name, artifact)
  stacks++
}
Validations.of(app).addPlugins(new AwsSolutionsChecks(app, { verbose: true }))
try {
  app.synth()
} catch (e) { // its stack would be a page of somebody else's code
  console.error(e.message)
  process.exit(1)
}
console.log(`cdk-nag: ${stacks} stacks, no open finding`)

function include(name, artifact) {
  const template = understood(read(path.join(assembly, artifact.properties.templateFile)))
  delete template.Rules?.CheckBootstrapVersion
  delete template.Parameters?.BootstrapVersion
  const file = path.join(scratch, artifact.properties.templateFile)
  fs.writeFileSync(file, JSON.stringify(template))
  const [, account, region] = /aws:\/\/([^/]+)\/(.+)/.exec(artifact.environment)
  const stack = new Stack(app, name, { env: { account, region }, synthesizer: new LegacyStackSynthesizer() })
  const included = new CfnInclude(stack, 'T', { templateFile: file })
  const metadata = path.join(assembly, `${name}.metadata.json`)
  const entries = fs.existsSync(metadata) ? read(metadata) : (artifact.metadata ?? {})
  for (const [construct, list] of Object.entries(entries)) {
    for (const { type, data } of list) {
      if (type !== Validations.ACKNOWLEDGED_RULES_METADATA_KEY) continue
      for (const id of resourcesUnder(template, construct)) included.getResource(id).node.addMetadata(type, data)
    }
  }
}

/** The logical ids of the resources that a construct made; the CLI notes their paths. */
function resourcesUnder(template, construct) {
  return Object.entries(template.Resources)
    .filter(([, r]) => `/${r.Metadata?.['aws:cdk:path'] ?? ''}/`.startsWith(`${construct}/`))
    .map(([id]) => id)
}

/** CfnInclude does not know Fn::GetStackOutput: an import stands in for it. */
function understood(value) {
  if (Array.isArray(value)) return value.map(understood)
  if (value === null || typeof value !== 'object') return value
  const output = value['Fn::GetStackOutput']
  if (output) return { 'Fn::ImportValue': `${output.StackName}:${output.OutputName}` }
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, understood(v)]))
}

function read(file) {
  return JSON.parse(fs.readFileSync(file, 'utf8'))
}
