using Microsoft.Extensions.Options;

namespace AgentHosting.Models.Internal;

internal sealed class ModelPriceFileOptionsValidator : IValidateOptions<ModelPriceFileOptions>
{
    private const int LargestFile = 1024 * 1024 * 1024;

    public ValidateOptionsResult Validate(string? name, ModelPriceFileOptions options)
    {
        var errors = new OptionsErrors($"{AgentHostingConfiguration.Section}:Prices");
        errors.AddIf(string.IsNullOrWhiteSpace(options.File), nameof(options.File), options.File, "Name the price file, or do not call AddModelPrices.");
        errors.AddIf(options.CurrencyFactor is <= 0 or > 1_000_000, nameof(options.CurrencyFactor), options.CurrencyFactor, "Use a factor above 0 and up to 1000000.");
        errors.AddIfNegative(options.ReloadInterval, nameof(options.ReloadInterval), OptionsErrors.OneDay);
        errors.AddIf(!(options.MinSizeRatio is >= 0 and <= 1), nameof(options.MinSizeRatio), options.MinSizeRatio, "Use a share between 0 and 1.");
        errors.AddIf(options.MaxBytes is < 1 or > LargestFile, nameof(options.MaxBytes), options.MaxBytes, $"Use a number of bytes between 1 and {LargestFile}.");
        return errors.ToResult();
    }
}
