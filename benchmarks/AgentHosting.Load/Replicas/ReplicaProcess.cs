using AgentHosting.Load.Crashes.Processes;

namespace AgentHosting.Load.Replicas;

/// <summary>A replica, as the driver sees it.</summary>
internal sealed class ReplicaProcess : IAsyncDisposable
{
    private readonly ChildProcess _process;
    private readonly HttpClient _http;
    private volatile bool _isKilled;

    private ReplicaProcess(ChildProcess process)
    {
        _process = process;
        _http = new HttpClient { BaseAddress = new Uri(process.Words[0]), Timeout = TimeSpan.FromMinutes(5) };
    }

    public int Id => _process.Id;

    public static async Task<ReplicaProcess> StartAsync(string logPath, string[] arguments, CancellationToken cancellationToken) =>
        new(await ChildProcess.StartAsync(logPath, ["replica", .. arguments], cancellationToken));

    /// <returns>What it says; <see langword="null"/> where it was killed meanwhile.</returns>
    public async Task<string?> TellAsync(string what, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.PostAsync(new Uri(what, UriKind.Relative), null, cancellationToken);
            response.EnsureSuccessStatusCode();
            return await response.Content.ReadAsStringAsync(cancellationToken);
        }
        catch (Exception exception) when (_isKilled && exception is HttpRequestException or OperationCanceledException)
        {
            return null;
        }
    }

    public Task<string?> AskAsync(string through, string kind, string name, CancellationToken cancellationToken) =>
        TellAsync($"/ask?through={through}&text={Uri.EscapeDataString(ReplicaQuestions.Text(kind, name))}", cancellationToken);

    public Task KillAsync()
    {
        _isKilled = true;
        return _process.KillAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _process.DisposeAsync();
    }
}
