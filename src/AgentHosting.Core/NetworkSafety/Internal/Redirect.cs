using System.Net;

namespace AgentHosting.NetworkSafety.Internal;

/// <summary>Where a response sends a request to, and what of the request goes along.</summary>
internal static class Redirect
{
    // All that another origin may learn: a key may stand in a header of any name.
    private static readonly string[] HeadersForAnyone = ["Accept", "Accept-Encoding", "Accept-Language", "Cache-Control", "User-Agent"];

    /// <exception cref="NetworkAccessDeniedException">It sends the request to what is no address.</exception>
    public static Uri? TargetOf(Uri from, HttpResponseMessage response) => response.StatusCode switch
    {
        HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect
            when response.Headers.Location is { } location => Resolve(from, location),
        _ => null,
    };

    /// <summary>Makes a request the one that the redirect asks for.</summary>
    /// <exception cref="NetworkAccessDeniedException">What it asks for is not safe.</exception>
    public static void Apply(HttpRequestMessage request, HttpStatusCode status, Uri target)
    {
        var from = request.RequestUri!;
        if (from.Scheme == Uri.UriSchemeHttps && target.Scheme != Uri.UriSchemeHttps)
        {
            throw new NetworkAccessDeniedException($"A redirect of '{from.IdnHost}' was refused: it leads from https to {target.Scheme}.") { Host = target.IdnHost };
        }

        var isPost = request.Method == HttpMethod.Post;
        if ((status == HttpStatusCode.SeeOther && request.Method != HttpMethod.Head) || (isPost && (status is HttpStatusCode.MovedPermanently or HttpStatusCode.Found)))
        {
            request.Method = HttpMethod.Get;
            request.Content = null;
        }

        if (!IsSameOrigin(from, target))
        {
            if (request.Content is not null)
            {
                throw new NetworkAccessDeniedException(
                    $"A redirect of '{from.IdnHost}' was refused: it would send the body of the request to another host.") { Host = target.IdnHost };
            }

            foreach (var name in request.Headers.Select(static header => header.Key).Except(HeadersForAnyone, StringComparer.OrdinalIgnoreCase).ToArray())
            {
                request.Headers.Remove(name);
            }
        }

        request.RequestUri = target;
    }

    private static Uri Resolve(Uri from, Uri location) => location.IsAbsoluteUri ? location
        : Uri.TryCreate(from, location, out var target) ? target
        : throw new NetworkAccessDeniedException($"A redirect of '{from.IdnHost}' was refused: it leads to no valid address.") { Host = from.IdnHost };

    private static bool IsSameOrigin(Uri one, Uri other) =>
        one.Scheme == other.Scheme && one.Port == other.Port && one.IdnHost.Equals(other.IdnHost, StringComparison.OrdinalIgnoreCase);
}
