using Microsoft.Extensions.Options;

namespace AgentHosting.Timeouts.Internal;

[OptionsValidator]
internal sealed partial class TimeoutOptionsAttributeValidator : IValidateOptions<TimeoutOptions>;
