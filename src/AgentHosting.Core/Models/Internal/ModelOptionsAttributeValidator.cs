using Microsoft.Extensions.Options;

namespace AgentHosting.Models.Internal;

[OptionsValidator]
internal sealed partial class ModelOptionsAttributeValidator : IValidateOptions<ModelOptions>;
