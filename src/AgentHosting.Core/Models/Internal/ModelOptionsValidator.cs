using Microsoft.Extensions.Options;

namespace AgentHosting.Models.Internal;

/// <summary>Names the configuration key of what is wrong, and the rules across fields.</summary>
internal sealed class ModelOptionsValidator : IValidateOptions<ModelOptions>
{
    public ValidateOptionsResult Validate(string? name, ModelOptions options)
    {
        var key = $"{AgentHostingConfiguration.Section}:Models:{name}";
        var errors = new OptionsErrors(key);
        errors.AddAttributes(options);
        errors.AddIf(options.InputPrice is < 0, nameof(options.InputPrice), options.InputPrice, "Use a price per million tokens of 0 or more.");
        errors.AddIf(options.OutputPrice is < 0, nameof(options.OutputPrice), options.OutputPrice, "Use a price per million tokens of 0 or more.");
        errors.AddIf(options.CachedInputPrice is < 0, nameof(options.CachedInputPrice), options.CachedInputPrice, "Use a price per million tokens of 0 or more.");
        errors.AddIf(
            options.InputPrice is null != options.OutputPrice is null,
            options.InputPrice is null ? nameof(options.InputPrice) : nameof(options.OutputPrice),
            null,
            "Set both InputPrice and OutputPrice, or neither: a cost needs both.");
        errors.AddIf(
            options.CachedInputPrice is not null && options.InputPrice is null,
            nameof(options.CachedInputPrice),
            options.CachedInputPrice,
            "Set InputPrice and OutputPrice too.");
        errors.AddIf(
            options.MaxOutputTokens > options.ContextWindow,
            nameof(options.MaxOutputTokens),
            options.MaxOutputTokens,
            $"Use at most the ContextWindow of {options.ContextWindow}.");
        return errors.ToResult();
    }
}
