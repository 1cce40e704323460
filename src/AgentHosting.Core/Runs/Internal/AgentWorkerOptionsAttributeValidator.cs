using Microsoft.Extensions.Options;

namespace AgentHosting.Runs.Internal;

[OptionsValidator]
internal sealed partial class AgentWorkerOptionsAttributeValidator : IValidateOptions<AgentWorkerOptions>;
