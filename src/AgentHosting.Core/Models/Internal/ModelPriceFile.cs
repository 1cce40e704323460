using System.Diagnostics.Metrics;
using System.Text.Json;
using AgentHosting.Diagnostics;
using AgentHosting.Pricing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentHosting.Models.Internal;

/// <summary>The prices of the file: read when it is made, replaced as a whole by updates that can be believed.</summary>
internal sealed partial class ModelPriceFile
{
    private const int LargestJump = 10;
    private readonly ModelPriceFileOptions _options;
    private readonly ILogger<ModelPriceFile> _logger;
    private readonly Counter<long>? _updates;
    private volatile IReadOnlyDictionary<string, ModelPrice> _prices;
    private (DateTime Written, long Length)? _seen;
    private string? _refusal;

    /// <exception cref="InvalidOperationException">The file is missing or wrong.</exception>
    public ModelPriceFile(IOptions<ModelPriceFileOptions> options, ILogger<ModelPriceFile> logger, IMeterFactory? meters = null, IHostEnvironment? environment = null)
    {
        _options = options.Value;
        _logger = logger;
        _updates = meters?.Create(AgentHostingDiagnostics.MeterName)
            .CreateCounter<long>("agenthosting.prices.updates", "{update}", "Changes of the price file by what became of them.");
        Path = System.IO.Path.Combine(environment?.ContentRootPath ?? "", _options.File!);
        try
        {
            using var stream = Open();
            _seen = Stamp(stream);
            var table = Read(stream);
            ThrowIfFew(table);
            LogWrong(table);
            _prices = table.Prices;
        }
        catch (Exception exception) when (IsOfTheFile(exception))
        {
            throw new InvalidOperationException(
                $"The price file {Path} cannot be used. {exception.Message} Correct it, or change {AgentHostingConfiguration.Section}:Prices:{nameof(ModelPriceFileOptions.File)}.", exception);
        }
    }

    public string Path { get; }

    /// <returns>The price in use of the first of the names that has one.</returns>
    public ModelPrice? Find(params ReadOnlySpan<string> names)
    {
        var prices = _prices;
        foreach (var name in names)
        {
            if (prices.TryGetValue(name, out var price))
            {
                return price;
            }
        }

        return null;
    }

    /// <summary>Reads the file again if it has changed. One caller at a time.</summary>
    public void Reload()
    {
        try
        {
            using var stream = Open();
            var stamp = Stamp(stream);
            if (stamp == _seen)
            {
                return;
            }

            // Also for what is refused, so that it is told once.
            _seen = stamp;
            var table = Read(stream);
            ThrowIfFew(table);
            _prices = Merge(table);
            _refusal = null;
            _updates?.Add(1, new KeyValuePair<string, object?>(TagNames.PricesResult, "applied"));
            LogApplied(_prices.Count, Path);
        }
        catch (Exception exception) when (IsOfTheFile(exception))
        {
            // What could not be read may be readable next time without having changed; until then there is nothing new to tell.
            var isUnread = exception is IOException or UnauthorizedAccessException;
            if (isUnread && _seen is null && _refusal == exception.Message)
            {
                return;
            }

            _seen = isUnread ? null : _seen;
            _refusal = exception.Message;
            _updates?.Add(1, new KeyValuePair<string, object?>(TagNames.PricesResult, "refused"));
            LogRefused(exception, Path, exception.Message);
        }
    }

    private static bool IsOfTheFile(Exception exception) => exception is IOException or UnauthorizedAccessException or JsonException or InvalidDataException;

    private FileStream Open()
    {
        try
        {
            return new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FileNotFoundException("It does not exist.", exception);
        }
    }

    // Of what is open and not of the path: where the path leads through links, as in a mounted config map, the link stays and what it leads to is replaced.
    private static (DateTime Written, long Length) Stamp(FileStream stream) => (File.GetLastWriteTimeUtc(stream.SafeFileHandle), stream.Length);

    private PriceTable Read(FileStream stream)
    {
        if (stream.Length > _options.MaxBytes)
        {
            throw new InvalidDataException($"It has {stream.Length} bytes, more than the {_options.MaxBytes} of MaxBytes.");
        }

        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return PriceTableReader.Read(bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes.AsMemory(3) : bytes, _options.CurrencyFactor);
    }

    private void ThrowIfFew(PriceTable table)
    {
        var all = table.Prices.Count + table.Wrong.Count;
        if (table.Prices.Count == 0 || table.Prices.Count < all * _options.MinSizeRatio)
        {
            throw new InvalidDataException(table.Wrong.Count == 0
                ? "It holds no price."
                : $"Only {table.Prices.Count} of {all} entries can be used. '{table.Wrong.First().Key}': {table.Wrong.First().Value}");
        }
    }

    private Dictionary<string, ModelPrice> Merge(PriceTable table)
    {
        var before = _prices;
        if (table.Prices.Count < before.Count * _options.MinSizeRatio)
        {
            throw new InvalidDataException($"It holds {table.Prices.Count} prices, where {before.Count} are in use: fewer than the share of {_options.MinSizeRatio} that MinSizeRatio asks for.");
        }

        LogWrong(table);
        var prices = new Dictionary<string, ModelPrice>(table.Prices, StringComparer.Ordinal);
        foreach (var (model, price) in before)
        {
            var isJump = !_options.AllowPriceJumps && table.Prices.TryGetValue(model, out var next) && IsJump(price, next);
            if (isJump || table.Wrong.ContainsKey(model))
            {
                prices[model] = price;
                LogKept(model, isJump ? "its price would become zero or change more than tenfold" : "its new price cannot be used");
            }
        }

        return prices;
    }

    // At each size where the price of either changes: a tier that is new or gone is a change as well.
    private static bool IsJump(ModelPrice before, ModelPrice next) =>
        IsJumpAt(0, before, next) || before.Tiers.Concat(next.Tiers).Any(tier => IsJumpAt(tier.AboveInputTokens + 1, before, next));

    private static bool IsJumpAt(long inputTokens, ModelPrice before, ModelPrice next) =>
        IsJumpOfRates(UsageCost.At(before, inputTokens), UsageCost.At(next, inputTokens));

    private static bool IsJumpOfRates(ModelPrice before, ModelPrice next) =>
        IsJump(before.Input, next.Input) || IsJump(before.Output, next.Output)
        || IsJump(before.CachedInput ?? before.Input, next.CachedInput ?? next.Input)
        || IsJump(before.CacheWrite ?? before.Input, next.CacheWrite ?? next.Input)
        || IsJump(before.Reasoning ?? before.Output, next.Reasoning ?? next.Output);

    // A model that was free may get a price.
    private static bool IsJump(decimal before, decimal next) => before > 0 && (next == 0 || next > before * LargestJump || next < before / LargestJump);

    private void LogWrong(PriceTable table)
    {
        foreach (var (model, reason) in table.Wrong)
        {
            LogUnusable(model, reason);
        }
    }

    [LoggerMessage(EventIds.PricesApplied, LogLevel.Information, "{Count} prices of {Path} are in use now.", EventName = "PricesApplied")]
    private partial void LogApplied(int count, string path);

    [LoggerMessage(EventIds.PricesRefused, LogLevel.Error, "The update of the price file {Path} was refused; the prices in use stay. {Reason}", EventName = "PricesRefused")]
    private partial void LogRefused(Exception exception, string path, string reason);

    [LoggerMessage(EventIds.PriceUnusable, LogLevel.Warning, "The price of '{Model}' in the price file cannot be used. {Reason}", EventName = "PriceUnusable")]
    private partial void LogUnusable(string model, string reason);

    [LoggerMessage(EventIds.PriceKept, LogLevel.Warning, "The model '{Model}' of the price file keeps the price that it had, since {Reason}.", EventName = "PriceKept")]
    private partial void LogKept(string model, string reason);
}
