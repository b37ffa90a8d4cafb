using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Mime;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using AdminPortal.Domain;
using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Text;
using AdminPortal.Platform.Wire;
using Polly;
using Polly.Retry;

namespace AdminPortal.Platform;

/// <summary><see cref="IElementsPlatform"/> over HTTP.</summary>
internal sealed class ElementsPlatformClient(IHttpClientFactory httpClients, ISecretBox secrets, TimeProvider clock) : IElementsPlatform
{
    private const string NextPageHeader = "elements-next-page-token";
    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromSeconds(5);

    public async Task<PlatformOutcome<string>> GetOAuthUrlAsync(PlatformAccount account, OAuthUrlRequest request, CancellationToken cancellationToken)
    {
        var path = $"elements/{Uri.EscapeDataString(request.ElementKey)}/oauth/url";

        // The POST form keeps the client secret out of URLs and of the access logs on the way.
        var outcome = await SendAsync(
            account,
            HttpMethod.Post,
            path,
            open => Body(
                new WireOAuthUrlRequest
                {
                    ApiKey = request.ProviderApp.ClientId,
                    ApiSecret = open(request.ProviderApp.ClientSecret),
                    CallbackUrl = request.CallbackUrl,
                    State = request.State,
                    SiteAddress = request.AccountServer,
                },
                WireJson.Default.WireOAuthUrlRequest),
            PlatformAnswers.ReadOAuthUrl,
            cancellationToken).ConfigureAwait(false);

        // 404 is not among them: it says that the element is unknown, and would say so again.
        if (outcome is not PlatformOutcome<string>.Refused { Status: 405 or 415 }) return outcome;

        return await GetWithRetriesAsync(
            account,
            open => path + Query(
                ("apiKey", request.ProviderApp.ClientId),
                ("apiSecret", open(request.ProviderApp.ClientSecret)),
                ("callbackUrl", request.CallbackUrl),
                ("state", request.State),
                ("siteAddress", request.AccountServer)),
            PlatformAnswers.ReadOAuthUrl,
            cancellationToken).ConfigureAwait(false);
    }

    public Task<PlatformOutcome<PlatformInstance>> CreateAsync(PlatformAccount account, NewInstance instance, CancellationToken cancellationToken) =>
        SendAsync(
            account,
            HttpMethod.Post,
            "instances",
            open => Body(NewInstanceBody.Write(instance, open), WireJson.Default.WireNewInstance, instance.Deadline),
            // Without a token the instance is of no use and cannot be stored: that is no clear answer.
            answer => PlatformAnswers.ReadInstance(answer) is { Token.Length: > 0 } created ? created : throw new JsonException("The answer has no token."),
            cancellationToken);

    public Task<PlatformOutcome<PlatformInstance>> GetAsync(PlatformAccount account, long id, CancellationToken cancellationToken) =>
        GetWithRetriesAsync(account, _ => InstancePath(id), PlatformAnswers.ReadInstance, cancellationToken);

    public async Task<PlatformOutcome<PlatformInstancePage>> ListAsync(PlatformAccount account, string? tag, string? page, CancellationToken cancellationToken)
    {
        var outcome = await GetWithRetriesAsync(
            account,
            _ => "instances" + Query(("tags[]", tag), ("nextPage", page), ("pageSize", "200"), ("hydrate", "true")),
            PlatformAnswers.ReadPage,
            cancellationToken).ConfigureAwait(false);

        // "No match" is a 404 with a sentence of the form "No … found" (section 9, trap 1). Any other 404, for example
        // that of a proxy, does not prove that there is nothing.
        return outcome is PlatformOutcome<PlatformInstancePage>.Refused { Status: 404 } refused
            && refused.Message.StartsWith("No ", StringComparison.OrdinalIgnoreCase)
            && refused.Message.TrimEnd('.').EndsWith(" found", StringComparison.OrdinalIgnoreCase)
            ? new PlatformOutcome<PlatformInstancePage>.Success(new PlatformInstancePage([], null), refused.RequestId)
            : outcome;
    }

    public Task<PlatformOutcome<PlatformInstance>> UpdateAsync(PlatformAccount account, long id, InstanceChange change, CancellationToken cancellationToken) =>
        SendAsync(
            account,
            HttpMethod.Patch,
            InstancePath(id),
            _ => Body(
                new WireInstanceChange { Name = change.Name, Tags = change.Tags }, WireJson.Default.WireInstanceChange, change.Deadline),
            PlatformAnswers.ReadInstance,
            cancellationToken);

    public Task<PlatformOutcome<PlatformInstance>> ReauthenticateAsync(
        PlatformAccount account, long id, Reauthentication reauthentication, CancellationToken cancellationToken) =>
        SendAsync(
            account,
            HttpMethod.Put,
            InstancePath(id) + "?reAuthenticate=true",
            open => Body(ReauthenticationBody.Write(reauthentication, open), WireJson.Default.WireReauthentication, reauthentication.Deadline),
            PlatformAnswers.ReadInstance,
            cancellationToken);

    public Task<PlatformOutcome<PlatformInstance>> ConfigureAsync(PlatformAccount account, long id, JsonObject configuration, CancellationToken cancellationToken) =>
        SendAsync(
            account,
            HttpMethod.Patch,
            InstancePath(id),
            _ => Body(new WireConfigurationChange(configuration), WireJson.Default.WireConfigurationChange),
            PlatformAnswers.ReadInstance,
            cancellationToken);

    public Task<PlatformOutcome<long>> CountAsync(PlatformAccount account, CancellationToken cancellationToken) =>
        GetWithRetriesAsync(
            account,
            _ => "instances/count",
            answer => JsonSerializer.Deserialize(answer.Content, WireJson.Default.WireCount)?.TotalInstances ?? throw new JsonException("The answer has no total."),
            cancellationToken);

    public Task<PlatformOutcome<PlatformPong>> PingAsync(PlatformAccount account, Secret token, CancellationToken cancellationToken) =>
        GetWithRetriesAsync(account, _ => "ping", PlatformAnswers.ReadPong, cancellationToken, token);

    public Task<PlatformOutcome<IReadOnlyList<InstanceConfigurationEntry>>> GetConfigurationAsync(PlatformAccount account, long id, CancellationToken cancellationToken) =>
        GetWithRetriesAsync<IReadOnlyList<InstanceConfigurationEntry>>(
            account,
            _ => InstancePath(id) + "/configuration",
            answer => [.. PlatformAnswers.Rows(answer, WireJson.Default.ListWireInstanceConfigurationEntry).Select(PlatformAnswers.Read)],
            cancellationToken);

    public Task<PlatformOutcome<InstanceConfigurationEntry>> SetConfigurationAsync(
        PlatformAccount account, long id, long entryId, string value, CancellationToken cancellationToken) =>
        SendAsync(
            account,
            HttpMethod.Patch,
            string.Create(CultureInfo.InvariantCulture, $"{InstancePath(id)}/configuration/{entryId}"),
            _ => Body(new WireConfigurationValue(value), WireJson.Default.WireConfigurationValue),
            answer => PlatformAnswers.Read(JsonSerializer.Deserialize(answer.Content, WireJson.Default.WireInstanceConfigurationEntry)),
            cancellationToken);

    public Task<PlatformOutcome<Done>> SetTraceLoggingAsync(PlatformAccount account, long id, int? minutes, CancellationToken cancellationToken) =>
        SendAsync(
            account,
            minutes is null ? HttpMethod.Delete : HttpMethod.Put,
            InstancePath(id) + "/trace-logging",
            minutes is { } duration ? _ => Body(new WireTraceLogging(duration), WireJson.Default.WireTraceLogging) : null,
            _ => default(Done),
            cancellationToken);

    public Task<PlatformOutcome<JsonElement>> GetDocsAsync(PlatformAccount account, long id, CancellationToken cancellationToken) =>
        GetWithRetriesAsync(
            account,
            _ => InstancePath(id) + "/docs?version=-1",
            answer => JsonSerializer.Deserialize(answer.Content, WireJson.Default.JsonElement),
            cancellationToken);

    public async Task<PlatformOutcome<InstanceResponse>> SendAsync(
        PlatformAccount account, Secret token, InstanceRequest request, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        return await ExchangeAsync(
            account,
            new HttpMethod(request.Method),
            _ => request.PathAndQuery.TrimStart('/'),
            request.Body is { } body ? _ => Json(Encoding.UTF8.GetBytes(body)) : null,
            (response, content, _) => new PlatformOutcome<InstanceResponse>.Success(
                PlatformAnswers.ReadResponse(response, content, clock.GetElapsedTime(started)), PlatformAnswers.Header(response, PlatformAnswers.RequestIdHeader)),
            cancellationToken,
            token,
            request.Headers).ConfigureAwait(false);
    }

    public Task<PlatformOutcome<Done>> SetEnabledAsync(
        PlatformAccount account, long id, bool enabled, CancellationToken cancellationToken, SendDeadline? deadline = null) =>
        SendWithoutBodyAsync(
            account, enabled ? HttpMethod.Put : HttpMethod.Delete, InstancePath(id) + "/enabled", deadline, cancellationToken);

    public Task<PlatformOutcome<Done>> DeleteAsync(
        PlatformAccount account, long id, CancellationToken cancellationToken, SendDeadline? deadline = null) =>
        SendWithoutBodyAsync(account, HttpMethod.Delete, InstancePath(id), deadline, cancellationToken);

    public Task<PlatformOutcome<IReadOnlyList<PlatformConfigurationEntry>>> GetElementConfigurationAsync(
        PlatformAccount account, string elementKey, CancellationToken cancellationToken) =>
        GetWithRetriesAsync(account, _ => $"elements/{Uri.EscapeDataString(elementKey)}/configuration", PlatformAnswers.ReadConfiguration, cancellationToken);

    public Task<PlatformOutcome<PlatformElement>> GetElementAsync(PlatformAccount account, string elementKey, CancellationToken cancellationToken) =>
        GetWithRetriesAsync(account, _ => $"elements/{Uri.EscapeDataString(elementKey)}", PlatformAnswers.ReadElement, cancellationToken);

    private static string InstancePath(long id) => string.Create(CultureInfo.InvariantCulture, $"instances/{id}");

    /// <summary>Reading may be repeated: a few jittered tries, honouring <c>Retry-After</c> as far as a person would wait.</summary>
    private async Task<PlatformOutcome<T>> GetWithRetriesAsync<T>(
        PlatformAccount account, Func<Func<Secret, string>, string> path, Func<PlatformAnswer, T> read, CancellationToken cancellationToken, Secret? element = null)
    {
        var retries = new ResiliencePipelineBuilder<PlatformOutcome<T>> { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions<PlatformOutcome<T>>
            {
                MaxRetryAttempts = 2,
                Delay = TimeSpan.FromMilliseconds(250),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Result switch
                {
                    PlatformOutcome<T>.Refused refused => refused.Status == 429 && (refused.RetryAfter ?? TimeSpan.Zero) <= MaxRetryAfter,
                    PlatformOutcome<T>.Unknown unknown => unknown.Reason is UnclearReason.ConnectionLost or UnclearReason.ServerError,
                    _ => false,
                }),
                DelayGenerator = arguments => ValueTask.FromResult(
                    arguments.Outcome.Result is PlatformOutcome<T>.Refused { RetryAfter: { } wait } ? wait : (TimeSpan?)null),
            })
            .Build();

        return await retries.ExecuteAsync(
            async token => await SendAsync(account, HttpMethod.Get, path, null, read, token, element).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);
    }

    private Task<PlatformOutcome<T>> SendAsync<T>(
        PlatformAccount account, HttpMethod method, string path, Func<Func<Secret, string>, HttpContent>? body, Func<PlatformAnswer, T> read, CancellationToken cancellationToken) =>
        SendAsync(account, method, _ => path, body, read, cancellationToken);

    private Task<PlatformOutcome<T>> SendAsync<T>(
        PlatformAccount account, HttpMethod method, Func<Func<Secret, string>, string> path, Func<Func<Secret, string>, HttpContent>? body, Func<PlatformAnswer, T> read, CancellationToken cancellationToken,
        Secret? element = null) =>
        ExchangeAsync(account, method, path, body, (response, content, opened) => Interpret(response, content, opened, read), cancellationToken, element);

    // Without a body, nothing can be withheld once the connection is established: the deadline is checked before the request.
    private Task<PlatformOutcome<Done>> SendWithoutBodyAsync(
        PlatformAccount account, HttpMethod method, string path, SendDeadline? deadline, CancellationToken cancellationToken) =>
        ExchangeAsync(
            account, method, _ => path, null, (response, content, opened) => Interpret(response, content, opened, _ => default(Done)),
            cancellationToken, deadline: deadline);

    /// <summary>Sends one request and says what became of it; what an answer means is <paramref name="interpret"/>'s to say.</summary>
    private async Task<PlatformOutcome<T>> ExchangeAsync<T>(
        PlatformAccount account, HttpMethod method, Func<Func<Secret, string>, string> path, Func<Func<Secret, string>, HttpContent>? body,
        Func<HttpResponseMessage, byte[], OpenedSecrets, PlatformOutcome<T>> interpret, CancellationToken cancellationToken, Secret? element = null,
        IReadOnlyList<KeyValuePair<string, string>>? headers = null, SendDeadline? deadline = null)
    {
        using var request = new HttpRequestMessage { Method = method };
        OpenedSecrets opened;
        try
        {
            // Use the origin of the row that provides the URL. A secret for another origin does not open.
            opened = new OpenedSecrets(secrets, account.Origin);
            request.RequestUri = new Uri($"{account.BaseUrl}/elements/api-v2/{path(opened.Open)}");
            request.Headers.TryAddWithoutValidation(
                "Authorization",
                $"User {opened.Open(account.UserSecretOf)}, Organization {opened.Open(account.OrganizationSecretOf)}"
                + (element is null ? "" : $", Element {opened.Open(element)}"));
            foreach (var (name, value) in headers ?? []) request.Headers.TryAddWithoutValidation(name, value);
            if (!request.Headers.NonValidated.Contains("Accept")) request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(MediaTypeNames.Application.Json));
            request.Content = body?.Invoke(opened.Open);
        }
        catch (SecretUnreadableException)
        {
            return new PlatformOutcome<T>.Unreachable(UnsentReason.SecretUnreadable);
        }

        using var http = httpClients.CreateClient(PlatformTransport.ClientName);
        if (deadline is { IsPast: true }) return new PlatformOutcome<T>.Unreachable(UnsentReason.Paused);
        try
        {
            using var response = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
            var content = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            return interpret(response, content, opened);
        }
#pragma warning disable CA1031 // Whatever the handler makes of it: the body was not sent. The time limit for the answer may be over as well.
        catch (Exception) when (request.Content is DeadlineContent { IsWithheld: true })
#pragma warning restore CA1031
        {
            return new PlatformOutcome<T>.Unreachable(UnsentReason.Paused);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new PlatformOutcome<T>.Unknown(UnclearReason.TimedOut);
        }
        catch (HttpRequestException exception)
        {
            return Failure<T>(exception);
        }
        catch (IOException)
        {
            return new PlatformOutcome<T>.Unknown(UnclearReason.ConnectionLost);
        }
        catch (InvalidDataException)
        {
            // A body that does not decompress.
            return new PlatformOutcome<T>.Unknown(UnclearReason.Unreadable);
        }
    }

    private static PlatformOutcome<T> Failure<T>(HttpRequestException exception) => exception.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => new PlatformOutcome<T>.Unreachable(UnsentReason.NameNotFound),
            HttpRequestError.ConnectionError or HttpRequestError.ProxyTunnelError => new PlatformOutcome<T>.Unreachable(
                exception.InnerException switch
                {
                    ConnectTimeoutException => UnsentReason.ConnectTimeout,
                    AddressNotAllowedException => UnsentReason.AddressNotAllowed,
                    _ => UnsentReason.NotConnected,
                }),
            HttpRequestError.SecureConnectionError => new PlatformOutcome<T>.Unreachable(UnsentReason.Tls),
            HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError =>
                new PlatformOutcome<T>.Unknown(UnclearReason.Unreadable),
            _ => new PlatformOutcome<T>.Unknown(UnclearReason.ConnectionLost),
        };

    private PlatformOutcome<T> Interpret<T>(HttpResponseMessage response, byte[] content, OpenedSecrets opened, Func<PlatformAnswer, T> read)
    {
        var status = (int)response.StatusCode;
        var requestId = PlatformAnswers.Header(response, PlatformAnswers.RequestIdHeader);
        if (response.IsSuccessStatusCode)
        {
            try
            {
                return new PlatformOutcome<T>.Success(read(new PlatformAnswer(content, PlatformAnswers.Header(response, NextPageHeader))), requestId);
            }
            // Text that is not UTF-8, or half a surrogate pair, is found only when it is read.
            catch (Exception exception) when (exception is JsonException or InvalidOperationException)
            {
                return new PlatformOutcome<T>.Unknown(UnclearReason.Unreadable, status, RequestId: requestId);
            }
        }

        var error = PlatformAnswers.ReadError(content);
        requestId ??= OutsideText.Clean(error?.RequestId, 100);
        // A platform may repeat what it was sent; what it says is kept and shown.
        var message = OutsideText.Clean(opened.Hide(error?.Message), PlatformAnswers.MaxMessageLength);
        if (status is >= 400 and < 500)
        {
            return new PlatformOutcome<T>.Refused(
                status,
                message ?? response.ReasonPhrase ?? status.ToString(CultureInfo.InvariantCulture),
                OutsideText.Clean(opened.Hide(error?.ProviderMessage), PlatformAnswers.MaxMessageLength),
                requestId,
                RetryAfter(response));
        }

        return new PlatformOutcome<T>.Unknown(
            status >= 500 ? UnclearReason.ServerError : UnclearReason.UnexpectedStatus, status, message, requestId);
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var header = response.Headers.RetryAfter;
        var wait = header?.Delta ?? (header?.Date is { } date ? date - clock.GetUtcNow() : null);
        // A time that is over already, for example by a clock that is ahead, asks for nothing: whoever tries again waits as without it.
        return wait is { Ticks: > 0 } ahead ? TimeSpan.FromTicks(Math.Clamp(ahead.Ticks, TimeSpan.TicksPerSecond, TimeSpan.TicksPerHour)) : null;
    }

    private static HttpContent Body<T>(T value, JsonTypeInfo<T> type, SendDeadline? deadline = null)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(value, type);
        return deadline is null ? Json(json) : new DeadlineContent(json, deadline);
    }

    private static ByteArrayContent Json(byte[] json)
    {
        // Buffered, so that it has a length: some gateways in front of the platform refuse chunked bodies.
        var content = new ByteArrayContent(json);
        content.Headers.ContentType = new MediaTypeHeaderValue(MediaTypeNames.Application.Json);
        return content;
    }

    private static string Query(params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var parts = new List<string>(parameters.Length);
        foreach (var (name, value) in parameters)
        {
            if (!string.IsNullOrEmpty(value)) parts.Add($"{Uri.EscapeDataString(name)}={Uri.EscapeDataString(value)}");
        }

        return parts.Count == 0 ? "" : "?" + string.Join('&', parts);
    }
}
