using System.Net;
using AgentHosting.NetworkSafety.Internal;

namespace AgentHosting.NetworkSafety;

/// <summary>
/// The innermost handler of an <see cref="HttpClient"/> for tools, whose addresses a model chooses: it connects to public addresses only, checked after name resolution and
/// on each redirect, to the very addresses that were checked. It uses no proxy, keeps no cookies, and reads responses up to a size.
/// </summary>
public sealed class NetworkSafetyHandler : HttpMessageHandler
{
    private readonly NetworkRules _rules;
    private readonly int _maxRedirects;
    private readonly long _maxResponseBytes;
    private readonly HttpMessageInvoker _inner;

    /// <summary>Creates a handler.</summary>
    /// <param name="options">Where it may connect to; <see langword="null"/> for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A limit is negative or zero.</exception>
    /// <exception cref="ArgumentException">An allowed or denied host is none.</exception>
    public NetworkSafetyHandler(NetworkSafetyOptions? options = null)
        : this(options ?? new NetworkSafetyOptions(), SafeConnector.ResolveAsync, SafeConnector.ConnectAsync)
    {
    }

    /// <summary>For tests: names and connections of their own.</summary>
    internal NetworkSafetyHandler(
        NetworkSafetyOptions options,
        Func<string, CancellationToken, Task<IPAddress[]>> resolve,
        Func<IPAddress, int, CancellationToken, ValueTask<Stream>> connect)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxRedirects);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.MaxResponseBytes);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.ConnectTimeout, TimeSpan.Zero);
        _rules = new NetworkRules(options);
        _maxRedirects = options.MaxRedirects;
        _maxResponseBytes = options.MaxResponseBytes;
        _inner = new HttpMessageInvoker(new SocketsHttpHandler
        {
            // A host that a model chose is told nothing of the trace, nor of its baggage, which may hold users and tenants.
            ActivityHeadersPropagator = null,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.All,
            ConnectCallback = new SafeConnector(_rules, resolve, connect).ConnectAsync,
            ConnectTimeout = options.ConnectTimeout,
            // An open connection goes on to an address that its name may have left.
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            UseCookies = false,
            // A proxy would resolve the name itself, and connect to what it finds.
            UseProxy = false,
        });
    }

    /// <inheritdoc/>
    /// <exception cref="NetworkAccessDeniedException">The address, what it resolves to, or a redirect is refused.</exception>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Version.Major > 2)
        {
            // HTTP/3 would not connect through the callback.
            request.Version = HttpVersion.Version20;
        }

        request.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
        for (var redirects = 0; ; redirects++)
        {
            _rules.Check(request.RequestUri);
            var response = await SendOnceAsync(request, cancellationToken);
            if (TargetOf(request, response) is not { } target)
            {
                return await LimitAsync(request, response, cancellationToken);
            }

            var status = response.StatusCode;
            response.Dispose();
            if (redirects == _maxRedirects)
            {
                throw new NetworkAccessDeniedException($"The request to '{request.RequestUri!.IdnHost}' was redirected more than {_maxRedirects} times.") { Host = request.RequestUri.IdnHost };
            }

            Redirect.Apply(request, status, target);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await _inner.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException exception) when (exception.InnerException is NetworkAccessDeniedException denied)
        {
            throw new NetworkAccessDeniedException(denied.Message, denied) { Host = denied.Host, Address = denied.Address };
        }
    }

    private Uri? TargetOf(HttpRequestMessage request, HttpResponseMessage response)
    {
        try
        {
            return _maxRedirects == 0 ? null : Redirect.TargetOf(request.RequestUri!, response);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private async Task<HttpResponseMessage> LimitAsync(HttpRequestMessage request, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            // To HEAD a server tells the length of a body that does not come.
            if (request.Method != HttpMethod.Head && response.Content.Headers.ContentLength > _maxResponseBytes)
            {
                throw LimitedStream.TooLarge(_maxResponseBytes);
            }

            var limited = new StreamContent(new LimitedStream(await response.Content.ReadAsStreamAsync(cancellationToken), _maxResponseBytes));
            foreach (var header in response.Content.Headers)
            {
                limited.Headers.TryAddWithoutValidation(header.Key, header.Value);
            }

            response.Content = limited;
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }
}
