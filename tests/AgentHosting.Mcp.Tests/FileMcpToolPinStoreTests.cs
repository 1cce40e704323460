using System.Globalization;
using System.Text.Json;
using AgentHosting.Mcp.Internal;

namespace AgentHosting.Mcp.Tests;

/// <summary>Several replicas keep their pins in one file.</summary>
public sealed class FileMcpToolPinStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("agenthosting-pins-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string PinFile => Path.Combine(_folder, "pins.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task GetOrAdd_ManyStoresOverOneFile_LosesNoPinAndTearsNoFile()
    {
        const int Stores = 6;
        const int Tools = 25;
        using var done = new CancellationTokenSource();
        var reading = Task.Run(() => ReadUntilAsync(done.Token), Token);

        await Task.WhenAll(Enumerable.Range(0, Stores).Select(store => Task.Run(
            async () =>
            {
                using var pins = new FileMcpToolPinStore(PinFile);
                for (var tool = 0; tool < Tools; tool++)
                {
                    await pins.GetOrAddAsync($"s{store}", $"t{tool}", $"{store}.{tool}", Token);
                }
            },
            Token)));
        await done.CancelAsync();
        await reading;

        using var all = new FileMcpToolPinStore(PinFile);
        for (var store = 0; store < Stores; store++)
        {
            for (var tool = 0; tool < Tools; tool++)
            {
                Assert.Equal($"{store}.{tool}", await all.GetOrAddAsync($"s{store}", $"t{tool}", "lost", Token));
            }
        }

        Assert.Empty(Directory.EnumerateFiles(_folder, "*.tmp"));
    }

    [Fact]
    public async Task GetOrAdd_ManyStoresPinOneTool_AllGetTheSame()
    {
        var stores = Enumerable.Range(0, 8).Select(_ => new FileMcpToolPinStore(PinFile)).ToList();

        var pinned = await Task.WhenAll(stores.Select((store, index) => Task.Run(
            async () => await store.GetOrAddAsync("s", "t", index.ToString(CultureInfo.InvariantCulture), Token), Token)));

        Assert.Single(pinned.Distinct());
        stores.ForEach(static store => store.Dispose());
    }

    [Fact]
    public async Task GetOrAdd_AnotherHoldsTheLock_WaitsUntilItIsCancelled()
    {
        using var pins = new FileMcpToolPinStore(PinFile);
        using var other = new FileStream($"{PinFile}.lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pins.GetOrAddAsync("s", "t", "f", limit.Token).AsTask());
        Assert.False(File.Exists(PinFile));
    }

    [Fact]
    public async Task GetOrAdd_PinIsThere_NeedsNoLock()
    {
        using var pins = new FileMcpToolPinStore(PinFile);
        await pins.GetOrAddAsync("s", "t", "f", Token);
        using var other = new FileStream($"{PinFile}.lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

        Assert.Equal("f", await pins.GetOrAddAsync("s", "t", "g", Token));
    }

    private async Task ReadUntilAsync(CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            if (File.Exists(PinFile))
            {
                await using var stream = new FileStream(PinFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                using var document = await JsonDocument.ParseAsync(stream, cancellationToken: CancellationToken.None);
                Assert.Equal(1, document.RootElement.GetProperty("v").GetInt32());
            }

            await Task.Yield();
        }
    }
}
