using Microsoft.Extensions.Options;

namespace AgentHosting.Retries.Internal;

[OptionsValidator]
internal sealed partial class RetryOptionsAttributeValidator : IValidateOptions<RetryOptions>;
