using Microsoft.Extensions.Options;

namespace AgentHosting.ModelRouting.Internal;

[OptionsValidator]
internal sealed partial class ModelRouterOptionsAttributeValidator : IValidateOptions<ModelRouterOptions>;
