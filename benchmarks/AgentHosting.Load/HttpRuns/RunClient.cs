using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace AgentHosting.Load.HttpRuns;

/// <summary>Speaks the HTTP contract as any client would.</summary>
internal sealed class RunClient(HttpClient http)
{
    public async Task<string> SubmitAsync(string message, string userId, CancellationToken cancellationToken)
    {
        using var response = await http.PostAsJsonAsync("/agent/run", new { message, user_id = userId }, cancellationToken);
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        return response.StatusCode == HttpStatusCode.Accepted
            ? JsonNode.Parse(body)!["task_id"]!.GetValue<string>()
            : throw new HttpRequestException($"Submit answered {(int)response.StatusCode}: {body}");
    }

    /// <summary>The status of a run; <see langword="null"/> when the server knows no such run.</summary>
    public async Task<JsonNode?> StatusAsync(string taskId, CancellationToken cancellationToken)
    {
        using var response = await http.GetAsync($"/agent/status/{taskId}", cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        response.EnsureSuccessStatusCode();
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
    }

    public async Task<JsonNode?> WaitAsync(string taskId, CancellationToken cancellationToken)
    {
        for (var delay = 20; ; delay = Math.Min(delay * 2, 500))
        {
            var status = await StatusAsync(taskId, cancellationToken);
            if (status?["status"]?.GetValue<string>() is not "processing")
            {
                return status;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(delay), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Reads the event stream to its end.</summary>
    public async Task<List<(long Id, string Type)>> EventsAsync(string taskId, CancellationToken cancellationToken)
    {
        var events = new List<(long, string)>();
        using var response = await http.GetAsync($"/agent/events/{taskId}", HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        var id = 0L;
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                id = long.Parse(line.AsSpan(4), System.Globalization.CultureInfo.InvariantCulture);
            }
            else if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                events.Add((id, line[7..]));
            }
        }

        return events;
    }
}
