namespace AgentHosting.Models;

/// <summary>Prices from a file in the format of LiteLLM (<c>model_prices_and_context_window.json</c>). Configuration section <c>AgentHosting:Prices</c>, which wins over code.</summary>
public class ModelPriceFileOptions
{
    /// <summary>The file. A relative path starts at the content root.</summary>
    /// <value>Has to be set.</value>
    public string? File { get; set; }

    /// <summary>What the prices of the file, which are in US dollars, are multiplied by to be in the host's currency.</summary>
    /// <value>The default is 1.</value>
    public decimal CurrencyFactor { get; set; } = 1m;

    /// <summary>How often the file is looked at for a change.</summary>
    /// <value>The default is one minute. Zero means never.</value>
    public TimeSpan ReloadInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The share of the prices in use that an update has to hold, and of the prices in the file that have to be usable. A file with less is refused.</summary>
    /// <value>The default is 0.9.</value>
    public double MinSizeRatio { get; set; } = 0.9;

    /// <summary>The largest file that is read.</summary>
    /// <value>The default is 32 MiB.</value>
    public int MaxBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>Whether an update may make a price zero or change it more than tenfold. Otherwise such a model keeps the prices it had, until the host starts again.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool AllowPriceJumps { get; set; }
}
