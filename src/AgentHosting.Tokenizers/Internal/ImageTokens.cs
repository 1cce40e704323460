using Microsoft.Extensions.AI;

namespace AgentHosting.Tokenizers.Internal;

/// <summary>Counts images by OpenAI's published rules: some models by tiles of 512 pixels, some by patches of 32.</summary>
internal sealed class ImageTokens
{
    private const int MaxTiles = 8;
    private const int MaxPatches = 1536;
    private readonly int _base;
    private readonly int _perTile;
    private readonly double _perPatch;

    private ImageTokens(int ofImage, int perTile, double perPatch = 0) => (_base, _perTile, _perPatch) = (ofImage, perTile, perPatch);

    /// <param name="model">The provider's name of the model.</param>
    public static ImageTokens Of(string model) =>
        Begins(model, "gpt-4o-mini") ? new(2833, 5667)
        : Begins(model, "gpt-4.1-mini") || Begins(model, "gpt-5-mini") ? new(0, 0, 1.62)
        : Begins(model, "gpt-4.1-nano") || Begins(model, "gpt-5-nano") ? new(0, 0, 2.46)
        : Begins(model, "o4-mini") ? new(0, 0, 1.72)
        : Begins(model, "o1") || Begins(model, "o3") ? new(75, 150)
        : Begins(model, "gpt-5") ? new(70, 140)
        : new(85, 170);

    /// <summary>Whether the caller asked for low detail, by the property that the OpenAI adapter reads.</summary>
    public static bool IsLowDetail(AIContent content) =>
        content.AdditionalProperties?.TryGetValue("detail", out var detail) == true && string.Equals(detail?.ToString(), "low", StringComparison.OrdinalIgnoreCase);

    /// <param name="size">Its pixels; <see langword="null"/> when unknown, which counts as the largest.</param>
    /// <param name="isLowDetail">Whether the model is shown a small copy.</param>
    public long Count((int Width, int Height)? size, bool isLowDetail) =>
        _perPatch > 0 ? (long)Math.Ceiling(Patches(size) * _perPatch) : isLowDetail ? _base : _base + (Tiles(size) * (long)_perTile);

    private static bool Begins(string model, string name) => model.StartsWith(name, StringComparison.OrdinalIgnoreCase);

    private static int Tiles((int Width, int Height)? size)
    {
        if (size is not { Width: > 0, Height: > 0 } known)
        {
            return MaxTiles;
        }

        // Shrunk into a square of 2,048 pixels, then until the shorter side has 768.
        var (width, height) = ((double)known.Width, (double)known.Height);
        var shrink = Math.Min(1, 2048 / Math.Max(width, height));
        shrink *= Math.Min(1, 768 / Math.Min(width * shrink, height * shrink));
        return (int)(Math.Ceiling(Math.Round(width * shrink) / 512) * Math.Ceiling(Math.Round(height * shrink) / 512));
    }

    private static int Patches((int Width, int Height)? size) => size is { Width: > 0, Height: > 0 } known
        ? (int)Math.Min(MaxPatches, ((known.Width + 31L) / 32) * ((known.Height + 31L) / 32))
        : MaxPatches;
}
