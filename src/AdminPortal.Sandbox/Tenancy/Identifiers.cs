using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace AdminPortal.Sandbox.Tenancy;

/// <summary>
/// Makes everything that looks random. With a seed, each kind of value is a sequence of its own, so that one more request
/// (which draws a request id) does not change the next code or token.
/// </summary>
internal sealed class Identifiers(long? seed)
{
    private const string LowerCaseAndDigits = "abcdefghijklmnopqrstuvwxyz0123456789";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _drawn = new(StringComparer.Ordinal);

    /// <summary>A state that nobody gave out, of the form that states have. Always random: it stands for somebody else's.</summary>
    public static string ForeignState() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <summary>24 lower-case hexadecimal digits.</summary>
    public string RequestId() => Convert.ToHexStringLower(Draw("request", 12));

    /// <summary>44 characters of base64, as element tokens look.</summary>
    public string InstanceToken() => Convert.ToBase64String(Draw("token", 32));

    /// <summary>24 lower-case letters and digits, as Keap's codes look.</summary>
    public string AuthorizationCode() => Alphanumeric("code");

    /// <summary>24 lower-case letters and digits, as Keap's access and refresh tokens look.</summary>
    public string ProviderToken() => Alphanumeric("provider");

    /// <summary>A step from one instance id to the next, 1 to 16: ids of a busy platform have gaps.</summary>
    public int InstanceIdStep() => 1 + (Draw("instance", 1)[0] % 16);

    /// <summary>How many values of each kind were drawn; a restart goes on after them.</summary>
    public IReadOnlyDictionary<string, long> Drawn()
    {
        lock (_gate)
            return new Dictionary<string, long>(_drawn, StringComparer.Ordinal);
    }

    public void ContinueAfter(IReadOnlyDictionary<string, long> drawn)
    {
        lock (_gate)
        {
            foreach (var (kind, count) in drawn)
                _drawn[kind] = count;
        }
    }

    private string Alphanumeric(string kind) =>
        string.Create(24, Draw(kind, 24), (text, bytes) =>
        {
            for (var i = 0; i < text.Length; i++)
                text[i] = LowerCaseAndDigits[bytes[i] % LowerCaseAndDigits.Length];
        });

    private byte[] Draw(string kind, int length)
    {
        if (seed is null)
            return RandomNumberGenerator.GetBytes(length);

        long number;
        lock (_gate)
        {
            number = _drawn.GetValueOrDefault(kind);
            _drawn[kind] = number + 1;
        }

        // A hash, not System.Random: its sequence may change from one version of .NET to the next.
        var name = Encoding.UTF8.GetBytes(kind);
        var input = new byte[16 + name.Length];
        BinaryPrimitives.WriteInt64BigEndian(input, seed.Value);
        BinaryPrimitives.WriteInt64BigEndian(input.AsSpan(8), number);
        name.CopyTo(input, 16);
        return SHA256.HashData(input)[..length];
    }
}
