# Puts templates, texts, the schema and the bundled assets into the binary with .incbin.
# Read at run time through core/base/embedded.hpp; a folder given with --templates or --assets wins.
set(embed_dir ${CMAKE_BINARY_DIR}/embed)
file(MAKE_DIRECTORY ${embed_dir})

file(GLOB_RECURSE embed_templates CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}
  templates/*.html templates/*.txt templates/*.json templates/*.tmpl)
list(FILTER embed_templates EXCLUDE REGEX "^templates/(assets/|package)")
file(GLOB_RECURSE embed_schema CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR} schema/*.sql schema/*.csv schema/*.json)
list(FILTER embed_schema EXCLUDE REGEX "schema/current.sql")

set(assets_dir ${CMAKE_BINARY_DIR}/assets)
file(MAKE_DIRECTORY ${assets_dir})
set(assets_list ${assets_dir}/files.txt)
if(QIANGJIAN_ASSETS)
  file(GLOB_RECURSE asset_sources CONFIGURE_DEPENDS templates/assets/* templates/package.json
    templates/package-lock.json scripts/assets.mjs)
  list(FILTER asset_sources EXCLUDE REGEX "node_modules")
  add_custom_command(
    OUTPUT ${assets_list}
    COMMAND ${CMAKE_COMMAND} -DSOURCE=${CMAKE_SOURCE_DIR} -DOUT=${assets_dir}
            -P ${CMAKE_SOURCE_DIR}/scripts/assets.cmake
    DEPENDS ${asset_sources} scripts/assets.cmake
    COMMENT "Bundling front-end assets")
else()
  file(WRITE ${assets_list} "")
endif()

set(embed_asm ${embed_dir}/resources.S)
set(embed_cpp ${embed_dir}/resources.cpp)
list(JOIN embed_templates "|" embed_templates_arg)
list(JOIN embed_schema "|" embed_schema_arg)
set(embed_inputs ${embed_templates} ${embed_schema})
list(TRANSFORM embed_inputs PREPEND ${CMAKE_SOURCE_DIR}/)
add_custom_command(
  OUTPUT ${embed_asm} ${embed_cpp}
  COMMAND ${CMAKE_COMMAND} -DSOURCE=${CMAKE_SOURCE_DIR} "-DFILES=${embed_templates_arg}|${embed_schema_arg}"
          -DASSETS=${assets_dir} -DASM=${embed_asm} -DCPP=${embed_cpp}
          -P ${CMAKE_SOURCE_DIR}/scripts/embed_table.cmake
  DEPENDS ${embed_inputs} ${assets_list} scripts/embed_table.cmake
  VERBATIM COMMENT "Embedding templates, schema and assets")
set_source_files_properties(${embed_asm} PROPERTIES OBJECT_DEPENDS "${embed_inputs};${assets_list}")
add_library(resources STATIC ${embed_asm} ${embed_cpp})
target_include_directories(resources PRIVATE ${CMAKE_SOURCE_DIR})
