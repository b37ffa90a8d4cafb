using System.Buffers.Binary;
using System.Text;

namespace AdminPortal.Chaos.Circuits;

/// <summary>As much of MessagePack as a circuit's messages are written in.</summary>
internal static class BlazorPack
{
    /// <summary>An invocation: type 1, no headers, id, target, arguments; behind its length.</summary>
    public static byte[] Invocation(string? id, string target, params ReadOnlySpan<object?> arguments)
    {
        using var body = new MemoryStream();
        body.WriteByte(0x95); // an array of five
        Write(body, 1L);
        body.WriteByte(0x80); // an empty map
        Write(body, id);
        Write(body, target);
        body.WriteByte((byte)(0x90 | arguments.Length));
        foreach (var argument in arguments) Write(body, argument);
        return Framed(body.ToArray());
    }

    /// <summary>The messages in what has come so far, and how much of it they take.</summary>
    public static (IReadOnlyList<object?[]> Messages, int Taken) Read(ReadOnlySpan<byte> bytes)
    {
        List<object?[]> messages = [];
        var at = 0;
        while (TryLength(bytes[at..], out var length, out var prefix) && at + prefix + length <= bytes.Length)
        {
            var position = at + prefix;
            if (Value(bytes, ref position) is object?[] message) messages.Add(message);
            at += prefix + length;
        }

        return (messages, at);
    }

    private static byte[] Framed(byte[] body)
    {
        using var framed = new MemoryStream();
        var length = body.Length;
        do
        {
            var part = (byte)(length & 0x7f);
            length >>= 7;
            framed.WriteByte(length > 0 ? (byte)(part | 0x80) : part);
        }
        while (length > 0);
        framed.Write(body);
        return framed.ToArray();
    }

    private static bool TryLength(ReadOnlySpan<byte> bytes, out int length, out int prefix)
    {
        length = 0;
        for (prefix = 0; prefix < bytes.Length && prefix < 5;)
        {
            var part = bytes[prefix];
            length |= (part & 0x7f) << (7 * prefix);
            prefix++;
            if ((part & 0x80) == 0) return true;
        }

        return false;
    }

    private static void Write(MemoryStream body, object? value)
    {
        Span<byte> number = stackalloc byte[8];
        switch (value)
        {
            case null:
                body.WriteByte(0xc0);
                break;
            case bool truth:
                body.WriteByte(truth ? (byte)0xc3 : (byte)0xc2);
                break;
            case long whole:
                body.WriteByte(0xd3);
                BinaryPrimitives.WriteInt64BigEndian(number, whole);
                body.Write(number);
                break;
            case string text:
                var bytes = Encoding.UTF8.GetBytes(text);
                body.WriteByte(0xdb);
                BinaryPrimitives.WriteInt32BigEndian(number, bytes.Length);
                body.Write(number[..4]);
                body.Write(bytes);
                break;
            default:
                throw new NotSupportedException(value.GetType().Name);
        }
    }

    private static object? Value(ReadOnlySpan<byte> bytes, ref int at)
    {
        var kind = bytes[at++];
        switch (kind)
        {
            case <= 0x7f:
                return (long)kind;
            case >= 0xe0:
                return (long)(sbyte)kind;
            case >= 0x80 and <= 0x8f:
                return Map(bytes, ref at, kind & 0x0f);
            case >= 0x90 and <= 0x9f:
                return Array(bytes, ref at, kind & 0x0f);
            case >= 0xa0 and <= 0xbf:
                return Text(bytes, ref at, kind & 0x1f);
            case 0xc0:
                return null;
            case 0xc2 or 0xc3:
                return kind == 0xc3;
            case 0xc4 or 0xc5 or 0xc6:
                var size = (int)Number(bytes, ref at, 1 << (kind - 0xc4));
                at += size;
                return size; // What a batch draws is of no interest here.
            case 0xca or 0xcb:
                at += kind == 0xca ? 4 : 8;
                return 0d;
            case 0xcc or 0xcd or 0xce or 0xcf:
                return Number(bytes, ref at, 1 << (kind - 0xcc));
            case 0xd0 or 0xd1 or 0xd2 or 0xd3:
                return Number(bytes, ref at, 1 << (kind - 0xd0));
            case 0xd9 or 0xda or 0xdb:
                return Text(bytes, ref at, (int)Number(bytes, ref at, 1 << (kind - 0xd9)));
            case 0xdc or 0xdd:
                return Array(bytes, ref at, (int)Number(bytes, ref at, kind == 0xdc ? 2 : 4));
            case 0xde or 0xdf:
                return Map(bytes, ref at, (int)Number(bytes, ref at, kind == 0xde ? 2 : 4));
            default:
                throw new InvalidDataException($"MessagePack 0x{kind:x2} is not expected.");
        }
    }

    private static long Number(ReadOnlySpan<byte> bytes, ref int at, int size)
    {
        long number = 0;
        for (var index = 0; index < size; index++) number = (number << 8) | bytes[at++];
        return number;
    }

    private static string Text(ReadOnlySpan<byte> bytes, ref int at, int size)
    {
        at += size;
        return Encoding.UTF8.GetString(bytes[(at - size)..at]);
    }

    private static object?[] Array(ReadOnlySpan<byte> bytes, ref int at, int count)
    {
        var items = new object?[count];
        for (var index = 0; index < count; index++) items[index] = Value(bytes, ref at);
        return items;
    }

    private static object? Map(ReadOnlySpan<byte> bytes, ref int at, int count)
    {
        for (var index = 0; index < count * 2; index++) _ = Value(bytes, ref at);
        return null;
    }
}
