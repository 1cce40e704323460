using Microsoft.Extensions.Options;

namespace AgentHosting.CircuitBreakers.Internal;

[OptionsValidator]
internal sealed partial class CircuitBreakerOptionsAttributeValidator : IValidateOptions<CircuitBreakerOptions>;
