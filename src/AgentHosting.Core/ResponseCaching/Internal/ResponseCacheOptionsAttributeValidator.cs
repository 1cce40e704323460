using Microsoft.Extensions.Options;

namespace AgentHosting.ResponseCaching.Internal;

[OptionsValidator]
internal sealed partial class ResponseCacheOptionsAttributeValidator : IValidateOptions<ResponseCacheOptions>;
