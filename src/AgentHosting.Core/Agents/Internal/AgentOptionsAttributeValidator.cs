using Microsoft.Extensions.Options;

namespace AgentHosting.Agents.Internal;

[OptionsValidator]
internal sealed partial class AgentOptionsAttributeValidator : IValidateOptions<AgentOptions>;
