import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import recourse.JSON;

/**
 * Prints what openapi-generator's models make of each example in the file EXAMPLES: read from JSON,
 * and written as JSON again, one on a line.
 */
public final class Models {
    public static void main(String[] arguments) throws Exception {
        ObjectMapper mapper = JSON.getDefault().getMapper();
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        for (JsonNode example : new ObjectMapper().readTree(new File(System.getenv("EXAMPLES")))) {
            Class<?> model = Class.forName("recourse.model." + example.get("schema").textValue());
            JsonNode value = example.get("value");
            Object read = value.isArray()
                ? mapper.readerForListOf(model).readValue(value)
                : mapper.treeToValue(value, model);
            out.println(mapper.writeValueAsString(read));
        }
        out.flush();
    }
}
