using Microsoft.Extensions.Options;

namespace AgentHosting.Fallbacks.Internal;

[OptionsValidator]
internal sealed partial class FallbackOptionsAttributeValidator : IValidateOptions<FallbackOptions>;
